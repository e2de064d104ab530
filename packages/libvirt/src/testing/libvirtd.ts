import { type ChildProcess, spawn } from 'node:child_process'
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Connection, type ConnectOptions, connect } from '../connection'

const DAEMON = '/usr/sbin/libvirtd'
const QEMU_DRIVER = ['/usr/lib/x86_64-linux-gnu', '/usr/lib64', '/usr/lib'].map(
  (library) => `${library}/libvirt/connection-driver/libvirt_driver_qemu.so`,
)
const QEMU = '/usr/bin/qemu-system-x86_64'
/** Debian's nobody and nogroup: a daemon of root would be the machine's, not ours. */
const UNPRIVILEGED = 65_534

/** What is needed to run a libvirtd with QEMU, or what is missing and the package that has it. */
export function findLibvirt(): { available: true } | { available: false; missing: string } {
  const missing = (what: string, name: string) => ({
    available: false as const,
    missing: `${what} is missing: install the package ${name}`,
  })
  if (!existsSync(DAEMON)) return missing(DAEMON, 'libvirt-daemon (libvirtd) or libvirt-daemon-system')
  if (!QEMU_DRIVER.some(existsSync)) return missing("libvirt's QEMU driver", 'libvirt-daemon-driver-qemu')
  if (!existsSync('/usr/bin/virsh')) return missing('virsh', 'libvirt-clients')
  if (!existsSync(QEMU)) return missing(QEMU, 'qemu-system-x86')
  return { available: true }
}

/** A libvirtd of our own. */
export interface PrivateLibvirtd {
  /** Where everything of it lives; readable for its user. */
  readonly directory: string
  readonly socketPath: string
  /** The same place as virsh wants it. */
  readonly virshUri: string
  readonly pid: number
  /** What it wrote so far. */
  log(): string
  connect(options?: Partial<ConnectOptions>): Promise<Connection>
  stop(): Promise<void>
}

/**
 * Starts an unprivileged libvirtd (`qemu:///session`, `test:///default`) in a directory of its own; as root, as the
 * user nobody, who also cannot open a /dev/kvm that is root's. `config` is appended to its libvirtd.conf, `args` to its
 * command line. Rejects when it does not answer within 20 s.
 */
export async function startLibvirtd(
  options: { config?: (directory: string) => string; args?: string[] } = {},
): Promise<PrivateLibvirtd> {
  // Short, because the path of a unix socket has room for 107 characters.
  const directory = mkdtempSync(join(tmpdir(), 'lv-'))
  const asNobody = process.getuid?.() === 0
  const own = (path: string) => {
    if (asNobody) chownSync(path, UNPRIVILEGED, UNPRIVILEGED)
    return path
  }
  own(directory)
  for (const name of ['run', 'config', 'config/libvirt', 'cache', 'data']) {
    const path = join(directory, name)
    mkdirSync(path, { mode: 0o700 })
    own(path)
  }
  const config = join(directory, 'config/libvirt/libvirtd.conf')
  writeFileSync(config, `auth_unix_rw = "none"\n${options.config?.(directory) ?? ''}`)
  const logFile = join(directory, 'libvirtd.log')
  const child = spawn(DAEMON, ['--config', config, ...(options.args ?? [])], {
    stdio: ['ignore', 'ignore', 'ignore'],
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      LC_ALL: 'C.UTF-8',
      HOME: directory,
      XDG_RUNTIME_DIR: join(directory, 'run'),
      XDG_CONFIG_HOME: join(directory, 'config'),
      XDG_CACHE_HOME: join(directory, 'cache'),
      XDG_DATA_HOME: join(directory, 'data'),
      LIBVIRT_LOG_OUTPUTS: `2:file:${logFile}`,
    },
    ...(asNobody ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {}),
  })
  const socketPath = join(directory, 'run/libvirt/libvirt-sock')
  const log = () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '')
  const stop = async () => {
    await terminate(child)
    killGuests(directory)
    rmSync(directory, { recursive: true, force: true })
  }
  const open = (to: Partial<ConnectOptions> = {}) => connect({ uri: 'qemu:///session', ...to, socketPath })
  try {
    await waitForAnswer(child, open)
  } catch (error) {
    const said = log()
    await stop()
    throw new Error(`libvirtd does not start: ${(error as Error).message}\n${said}`)
  }
  return {
    directory,
    socketPath,
    virshUri: `qemu:///session?socket=${socketPath}`,
    pid: child.pid!,
    log,
    connect: open,
    stop,
  }
}

async function waitForAnswer(child: ChildProcess, open: () => Promise<Connection>): Promise<void> {
  const deadline = Date.now() + 20_000
  for (;;) {
    try {
      await (await open()).close()
      return
    } catch (error) {
      if (child.exitCode !== null) throw new Error(`it exited with ${child.exitCode}`)
      if (Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

/** Guests outlive their libvirtd by design. */
function killGuests(directory: string): void {
  const run = join(directory, 'run/libvirt/qemu/run')
  if (!existsSync(run)) return
  for (const file of readdirSync(run).filter((name) => name.endsWith('.pid'))) {
    try {
      process.kill(Number(readFileSync(join(run, file), 'utf8')), 'SIGKILL')
    } catch {
      // Gone already.
    }
  }
}

async function terminate(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
  await gone
  clearTimeout(timer)
}
