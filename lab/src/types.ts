import type { GuestProbe } from './guest/probe'

/** What a lab is made of. Everything has a default that suits tests. */
export interface LabOptions {
  /** Names the lab among those running at the same time; it becomes part of namespace names. Default: `test`. */
  name?: string
  /** How many hosts are wired up (they are all powered on by `up()`). Default: 3. */
  hosts?: number
  /** Every host has a watchdog. Default: false. */
  watchdogs?: boolean
  /** Where disks, logs and host state live. Default: `<repo>/.lab/labs/<name>`. */
  dir?: string
  /** Leave `dir` in place after `destroy()`, to look at logs. Default: false. */
  keep?: boolean
  /**
   * `process` (default): the lab belongs to this process; once that is gone, the next `up()` of anyone clears it away.
   * `nobody`: it stays up until `destroy()`, which a later process may call through `openLab(name)`.
   */
  owner?: 'process' | 'nobody'
  /** Progress lines, for a person waiting. Default: none. */
  log?: (line: string) => void
}

/** A data centre in one machine. */
export interface Lab {
  readonly name: string
  /** Which slice of the network this lab has: management is 10.78.(1 + 10 × index).0/24. */
  readonly index: number
  readonly dir: string
  readonly hosts: readonly LabHost[]
  /** Where control listens for the lab's agents: this machine's own leg in the management network. */
  readonly controlAddress: string
  /** The datastore that all hosts have at /srv/shared, as seen from outside. */
  readonly sharedDir: string
  /** Talks to guests over the VM network. */
  readonly guests: GuestProbe

  /** Prepares the guest image, lays the cables, powers every host on and waits until each libvirtd answers. */
  up(): Promise<void>
  /** By number (from 1) or by name (`lab-2`). Throws when there is no such host. */
  host(which: number | string): LabHost
  /** Where the VM runs, judged from outside through /proc: every QEMU process of it on every host. */
  whereIs(vm: string): QemuProcess[]
  /** Kills every process and removes every namespace, cable, mount and (unless `keep`) file of the lab. */
  destroy(): Promise<void>
}

export type Cable = 'management' | 'vm'

/** A QEMU process as the outside sees it; the arguments of the process are the evidence, not libvirt's word. */
export interface QemuProcess {
  /** In this machine's own pid namespace. */
  pid: number
  hostName: string
  vmName: string
  uuid: string
  /** It was started to receive a guest; its arguments say so for as long as it lives. */
  cameByMigration: boolean
}

export interface LabHost {
  readonly number: number
  /** `lab-1`, `lab-2`, … */
  readonly name: string
  /** In the management network. */
  readonly address: string
  /** What it keeps while powered off: etc, lib, log, cache, local, agent. */
  readonly dir: string
  /** The datastore of its own at /srv/local, as seen from outside. */
  readonly localDir: string
  /** A directory for the agent's state, the same path inside and outside, kept across power-off. */
  readonly agentDir: string
  readonly agentLogPath: string
  /** Its libvirtd, reachable from outside by path. */
  readonly libvirtSocketPath: string
  /** How other hosts reach its libvirtd: `qemu+tcp://10.78.1.11/system`. */
  readonly libvirtUri: string
  readonly bmc: Bmc

  isOn(): boolean
  /** From the next power-on on it has a watchdog: /dev/watchdog, which resets it ten seconds after it was last fed. */
  fitWatchdog(): Promise<void>
  hasWatchdog(): boolean
  /** Powers it on; by default waits until libvirtd answers. */
  powerOn(options?: { wait?: boolean }): Promise<void>
  /** Power loss: PID 1 gets SIGKILL, and everything in the host is gone with it. */
  powerOff(): Promise<void>
  /** Pulls the cable (link down on the switch's side). */
  cut(cable: Cable): Promise<void>
  plug(cable: Cable): Promise<void>
  /**
   * The shared datastore is gone for this host: nothing is at /srv/shared any more, and what its guests read or write waits,
   * as with an NFS server that no longer answers. Other hosts keep it.
   */
  unplugStorage(): Promise<void>
  /** Back again; guests go on where they waited. */
  plugStorage(): Promise<void>
  /** A hung host: everything in it stops, nothing dies. */
  freeze(): void
  thaw(): void
  /** Runs a program in the host; rejects with its output when it fails. */
  exec(command: string, args?: string[], options?: { timeoutMs?: number; input?: string }): Promise<string>
  /** The field's own tool against this host's libvirtd, as an oracle. Rejects with its message when it fails. */
  virsh(...args: string[]): Promise<string>
  /** Signals all processes in the host that have this command name (as in /proc/…/comm). Returns how many. */
  killProcess(name: string, signal?: NodeJS.Signals): number
  /** QEMU processes in the host, through /proc. */
  qemuProcesses(): QemuProcess[]
  /**
   * Puts a program in the agent slot. PID 1 runs it now and again half a second after it dies, also after the next
   * power-on. Output goes to `agentLogPath`.
   */
  startAgent(command: string[], env?: Record<string, string>): Promise<void>
  /** Empties the slot and ends the agent. */
  stopAgent(): Promise<void>
  /** The agent's pid in this machine's namespace, when it runs. */
  agentPid(): number | undefined
}

/** Out-of-band power of one host, by IPMI over LAN (a real `ipmi_sim`), living outside the host. */
export interface Bmc {
  readonly address: string
  readonly port: number
  readonly user: string
  readonly password: string
  start(): Promise<void>
  stop(): Promise<void>
  /** With a lie set, the BMC answers OK to "power off" and does nothing. */
  lie(lying: boolean): void
}
