import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface HostSettings {
  name: string
  number: number
  address: string
  dir: string
  /** Everyone's name and address, for /etc/hosts. */
  peers: { name: string; address: string }[]
  labIndex: number
  /** Where it is kept what QEMU can do, found out once; nothing is there when nobody has asked yet. */
  capabilities: string
}

/** Two hosts with one UUID refuse to migrate to each other; as the machine is the same, libvirt must be told. */
const hostUuid = (labIndex: number, number: number) =>
  `78000000-0000-4000-8000-${(labIndex * 256 + number).toString(16).padStart(12, '0')}`

const libvirtdConf = (settings: HostSettings) => `listen_tls = 0
listen_tcp = 1
listen_addr = "0.0.0.0"
auth_tcp = "none"
auth_unix_rw = "none"
auth_unix_ro = "none"
unix_sock_rw_perms = "0700"
host_uuid = "${hostUuid(settings.labIndex, settings.number)}"
keepalive_interval = 2
keepalive_count = 3
log_outputs = "3:file:/var/log/libvirt/libvirtd.log"
`

/** No security driver, cgroups or namespaces: the host already is a set of namespaces. */
const qemuConf = (settings: HostSettings) => `user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
security_default_confined = 0
cgroup_controllers = [ ]
namespaces = [ ]
seccomp_sandbox = 0
stdio_handler = "file"
vnc_listen = "0.0.0.0"
migration_address = "0.0.0.0"
migration_host = "${settings.address}"
keepalive_interval = 2
keepalive_count = 3
`

/** Makes what the host keeps while it is off. What is there already stays as it is. */
export function furnishHost(settings: HostSettings): void {
  const { dir } = settings
  for (const path of ['etc/qemu', 'lib/images', 'lib/qemu', 'lib/boot', 'log/qemu', 'cache/qemu', 'agent']) {
    mkdirSync(join(dir, path), { recursive: true })
  }
  for (const path of ['local/vms', 'local/images']) mkdirSync(join(dir, path), { recursive: true })
  const write = (path: string, text: string) => {
    if (!existsSync(join(dir, path))) writeFileSync(join(dir, path), text)
  }
  write('etc/libvirtd.conf', libvirtdConf(settings))
  write('etc/qemu.conf', qemuConf(settings))
  for (const name of [
    'libvirt.conf',
    'libvirt-admin.conf',
    'virtlogd.conf',
    'virtlockd.conf',
    'qemu-lockd.conf',
  ]) {
    write(`etc/${name}`, '')
  }
  const lines = settings.peers.map((peer) => `${peer.address} ${peer.name}`)
  write('hosts', `127.0.0.1 localhost\n${lines.join('\n')}\n`)
  write('hostname', `${settings.name}\n`)
  const seeded = join(dir, 'cache/qemu/capabilities')
  if (existsSync(settings.capabilities) && !existsSync(seeded))
    cpSync(settings.capabilities, seeded, { recursive: true, preserveTimestamps: true })
}
