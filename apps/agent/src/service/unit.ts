export interface UnitOptions {
  /** The Node.js that runs it. */
  node: string
  /** The agent, in one file. */
  bundle: string
  /** Where it keeps its key, its configuration and its journal. */
  directory: string
  /** Of its datastores. */
  paths: string[]
}

/**
 * The agent as a service of systemd. It must reach libvirt's socket, disks wherever they are and the network; of what it
 * need not reach, as much as possible is closed.
 */
export function unitText({ node, bundle, directory, paths }: UnitOptions): string {
  const homes = [node, bundle, directory, ...paths].some((path) => /^\/(home|root|run\/user)\//.test(path))
  return `[Unit]
Description=Drover's agent
Wants=network-online.target
After=network-online.target remote-fs.target libvirtd.service virtqemud.service

[Service]
ExecStart=${[node, bundle, '--dir', directory, 'run'].map(word).join(' ')}
Restart=always
RestartSec=1
# What libvirt does goes on without the agent; only its own tools end with it.
KillMode=control-group
# A storage server that hangs keeps threads waiting; the others must have some left.
Environment=UV_THREADPOOL_SIZE=32
TimeoutStopSec=10

NoNewPrivileges=yes
# Disks belong to QEMU's user and are handled all the same.
CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER
ProtectSystem=full
ProtectHome=${homes ? 'no' : 'yes'}
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
`
}

/** As a unit file takes it literally. */
function word(text: string): string {
  const escaped = text.replaceAll('%', '%%').replaceAll('$', '$$$$')
  return /^[\w@%+=:,./$-]+$/.test(escaped)
    ? escaped
    : `"${escaped.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
