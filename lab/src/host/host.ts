import { spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { createBmc } from '../bmc'
import { type LabNetwork, setCable, wireHost } from '../network'
import { labSource } from '../paths'
import { isAlive, pidInside, pidNamespace, processArgs, processes, processName, signal } from '../processes'
import { quoted, run, until } from '../run'
import type { LabHost, QemuProcess } from '../types'
import { describeQemu, isQemu } from './qemu'
import { furnishHost, type HostSettings } from './settings'

export interface HostPlace {
  labName: string
  network: LabNetwork
  /** Gone when the host is off: sockets and the pid of PID 1. */
  runDir: string
  sharedDir: string
  settings: HostSettings
}

const powerOnMs = 30_000
/** As host/init.sh says it in the host's /sys. */
const watchdogSeconds = 10

/** One host of a lab. Everything is read from the system at each call, so any process may hold the same host. */
export function createHost(place: HostPlace): LabHost {
  const { network, runDir, sharedDir, settings } = place
  const { name, number, address, dir } = settings
  const libvirtSocketPath = join(runDir, 'libvirt-sock')
  const init = join(labSource, 'host/init.sh')
  const slot = join(dir, 'agent.slot')
  const watchdogDir = join(dir, 'watchdog')

  /** PID 1 as the machine knows it. The arguments are compared, because pids are used again. */
  function initPid(): number | undefined {
    const path = join(runDir, 'lab-init.pid')
    if (!existsSync(path)) return undefined
    const pid = Number(readFileSync(path, 'utf8'))
    return isAlive(pid) && processArgs(pid).includes(runDir) ? pid : undefined
  }

  function requireOn(): number {
    const pid = initPid()
    if (pid === undefined) throw new Error(`${name} is powered off`)
    return pid
  }

  /** Every process of the host, PID 1 included. */
  function inside(): { pid: number; args: string[] }[] {
    const pid = initPid()
    const namespace = pid === undefined ? undefined : pidNamespace(pid)
    if (namespace === undefined) return []
    return processes().filter((process) => pidNamespace(process.pid) === namespace)
  }

  /** PID 1 notes the agent's pid as known in there; the outside has another for it. */
  function agentPid(): number | undefined {
    const path = join(runDir, 'lab-agent.pid')
    if (!existsSync(path)) return undefined
    const wanted = Number(readFileSync(path, 'utf8'))
    return inside().find(({ pid }) => pidInside(pid) === wanted)?.pid
  }

  const virsh = (...args: string[]) =>
    run('virsh', ['-q', '-c', `qemu:///system?socket=${libvirtSocketPath}`, ...args], { timeoutMs: 300_000 })

  async function powerOn(options: { wait?: boolean } = {}): Promise<void> {
    if (initPid() === undefined) {
      furnishHost(settings)
      rmSync(runDir, { recursive: true, force: true })
      mkdirSync(runDir, { recursive: true })
      const console = openSync(join(dir, 'console.log'), 'a')
      const namespaces = ['--fork', '--pid', '--mount', '--uts', '--ipc', '--net', '--propagation', 'private']
      // In a session of its own: the host outlives whoever pressed its power button.
      const child = spawn('unshare', [...namespaces, init, name, address, dir, runDir, sharedDir], {
        detached: true,
        stdio: ['ignore', console, console],
        env: { PATH: process.env.PATH },
      })
      child.unref()
      closeSync(console)
      const pid = await until(`${name}: PID 1 starts`, powerOnMs, initPid)
      await wireHost(network, number, pid)
      startWatchdog(pid)
    }
    if (options.wait === false) return
    await until(`${name}: libvirtd answers`, powerOnMs, () =>
      existsSync(libvirtSocketPath)
        ? virsh('version').then(
            () => true,
            () => false,
          )
        : false,
    )
  }

  const hasWatchdog = () => existsSync(watchdogDir)

  async function fitWatchdog(): Promise<void> {
    if (hasWatchdog()) return
    mkdirSync(watchdogDir, { recursive: true })
    await run('mkfifo', [join(watchdogDir, 'device')])
  }

  function startWatchdog(pid: number): void {
    if (!hasWatchdog()) return
    const reset = [
      join(labSource, 'host/chassis.sh'),
      place.labName,
      name,
      runDir,
      watchdogDir,
      'set',
      'reset',
      '1',
    ]
    const args = [join(watchdogDir, 'device'), String(watchdogSeconds), String(pid), ...reset]
    const log = openSync(join(watchdogDir, 'watchdog.log'), 'a')
    const env = { PATH: process.env.PATH, DROVER_LAB_NODE: process.execPath }
    const program = join(labSource, 'host/watchdog.pl')
    spawn(program, args, { detached: true, stdio: ['ignore', log, log], env }).unref()
    closeSync(log)
  }

  async function powerOff(): Promise<void> {
    // Those outside that carry its name are what started PID 1, and a PID 1 that got no further.
    const own = processes().filter(({ args }) => args.includes(runDir))
    const gone = [...inside(), ...own]
    for (const { pid } of own) signal(pid, 'SIGKILL')
    await until(`${name}: everything in it is gone`, 10_000, () => gone.every(({ pid }) => !isAlive(pid)))
    rmSync(runDir, { recursive: true, force: true })
  }

  const mounting = (...command: string[]) =>
    run('nsenter', ['-t', String(requireOn()), '-p', '-m', '--', ...command])

  /** Files that QEMU has open stay open whatever is mounted over them, so its requests are held up in QEMU itself. */
  async function throttle(bytesPerSecond: number): Promise<void> {
    for (const { uuid } of qemuProcesses()) {
      const list = await virsh('domblklist', uuid)
      for (const line of list.split('\n').filter((text) => text.includes('/srv/shared/'))) {
        const [target] = line.trim().split(/\s+/)
        await virsh('blkdeviotune', uuid, target!, '--total-bytes-sec', String(bytesPerSecond), '--live')
      }
    }
  }

  async function unplugStorage(): Promise<void> {
    await mounting('mount', '-t', 'tmpfs', '-o', 'ro,size=4k', 'unplugged', '/srv/shared')
    await throttle(1)
  }

  async function plugStorage(): Promise<void> {
    await mounting('umount', '/srv/shared')
    await throttle(0)
  }

  async function stopAgent(): Promise<void> {
    rmSync(slot, { force: true })
    const pid = agentPid()
    if (pid === undefined) return
    signal(pid, 'SIGTERM')
    const ended = until(`${name}: the agent ends`, 5000, () => !isAlive(pid))
    await ended.catch(() => signal(pid, 'SIGKILL'))
  }

  async function startAgent(command: string[], env: Record<string, string> = {}): Promise<void> {
    await stopAgent()
    const words = ['env', ...Object.entries(env).map(([key, value]) => `${key}=${value}`), ...command]
    writeFileSync(`${slot}.new`, `#!/bin/sh\nexec ${words.map(quoted).join(' ')}\n`, { mode: 0o755 })
    renameSync(`${slot}.new`, slot)
  }

  function qemuProcesses(): QemuProcess[] {
    return inside().flatMap(({ pid, args }) => {
      const qemu = isQemu(args) ? describeQemu(args) : undefined
      return qemu ? [{ pid, hostName: name, ...qemu }] : []
    })
  }

  return {
    name,
    number,
    address,
    dir,
    localDir: join(dir, 'local'),
    agentDir: join(dir, 'agent'),
    agentLogPath: join(dir, 'agent.log'),
    libvirtSocketPath,
    libvirtUri: `qemu+tcp://${address}/system`,
    bmc: createBmc({
      network,
      labName: place.labName,
      hostName: name,
      hostNumber: number,
      hostRunDir: runDir,
      dir: join(dir, 'bmc'),
    }),
    isOn: () => initPid() !== undefined,
    fitWatchdog,
    hasWatchdog,
    powerOn,
    powerOff,
    cut: (cable) => setCable(network, number, cable, false),
    plug: (cable) => setCable(network, number, cable, true),
    unplugStorage,
    plugStorage,
    freeze: () =>
      inside().forEach(({ pid }) => {
        signal(pid, 'SIGSTOP')
      }),
    thaw: () =>
      inside().forEach(({ pid }) => {
        signal(pid, 'SIGCONT')
      }),
    exec: async (command, args = [], options) => {
      const enter = ['-t', String(requireOn()), '-p', '-m', '-u', '-i', '-n', '--', command, ...args]
      return await run('nsenter', enter, options)
    },
    virsh,
    killProcess: (wanted, name = 'SIGKILL') => {
      const found = inside().filter(({ pid }) => processName(pid) === wanted)
      for (const { pid } of found) signal(pid, name)
      return found.length
    },
    qemuProcesses,
    startAgent,
    stopAgent,
    agentPid,
  }
}
