import { type Host, isSilent, type Vm } from '@drover/model'
import type { Simulation } from '../../world/simulation'
import type { Recorder, Status } from './trace'

/** What the watcher cannot see from outside: whose doing the end of a process or a host was. */
export interface Intentions {
  /** VM uuids that somebody was told to stop, by host: `host uuid`. */
  stopping: Set<string>
  /** Why a host is about to go down; power loss when nothing is said. */
  leaving: Map<string, string>
}

/**
 * Sees what is true of hosts and processes after everything that happens, what control has made durable of them, and
 * writes down what changed.
 */
export class Watcher {
  readonly intentions: Intentions = { stopping: new Set(), leaving: new Map() }
  /** Of each host: whether it is on, and in which of its lives. */
  private readonly seen = new Map<string, { on: boolean; life: number }>()
  /** VM uuid to the hosts that have its process. */
  private places = new Map<string, string[]>()
  private readonly hosts = new Map<string, Host>()
  private readonly vms = new Map<string, { row: Vm; status: Status | null }>()

  constructor(
    private readonly sim: Simulation,
    private readonly recorder: Recorder,
    private readonly nameOf: (uuid: string) => string | undefined,
    private readonly wentDown: (host: string) => void,
  ) {}

  /** Takes things as they are, without a word. */
  begin(): void {
    for (const { is, on, life } of this.sim.truth.hosts.values()) this.seen.set(is.name, { on, life })
    this.places = this.lookAround()
    for (const host of this.sim.ledger.folded.host.values()) this.hosts.set(host.id, host)
    for (const row of this.sim.ledger.folded.vm.values()) this.vms.set(row.id, { row, status: null })
    this.sim.ledger.listeners.push(() => this.readRows())
    const look = this.sim.clock.afterEach
    this.sim.clock.afterEach = () => {
      look()
      this.look()
    }
    this.readRows()
  }

  /** Sees what has changed. `external`: it was not the engine. */
  look(external = false): void {
    const places = this.lookAround()
    const ups: string[] = []
    const downs: string[] = []
    for (const { is, on, life } of this.sim.truth.hosts.values()) {
      const before = this.seen.get(is.name)
      if (before?.on === on && before.life === life) continue
      this.seen.set(is.name, { on, life })
      // Off and on again within one moment is both.
      if (before?.on) downs.push(is.name)
      if (on) ups.push(is.name)
    }
    for (const host of ups) if (!downs.includes(host)) this.recorder.add({ ev: 'host_up', host })
    for (const uuid of new Set([...this.places.keys(), ...places.keys()])) {
      this.compare(uuid, this.places.get(uuid) ?? [], places.get(uuid) ?? [], downs, external)
    }
    for (const host of downs) {
      const { leaving } = this.intentions
      this.recorder.add({ ev: 'host_down', host, why: leaving.get(host) ?? 'power loss' })
      leaving.delete(host)
      this.wentDown(host)
      if (ups.includes(host)) this.recorder.add({ ev: 'host_up', host })
    }
    this.places = places
  }

  /** Somebody who does not know yet how this VM stands is told. */
  tellAgain(uuid: string): void {
    for (const one of this.vms.values()) if (one.row.uuid === uuid) one.status = null
    this.readRows()
  }

  private compare(uuid: string, before: string[], now: string[], downs: string[], external: boolean): void {
    const vm = this.nameOf(uuid)
    if (!vm) return
    const gone = before.filter((host) => !now.includes(host))
    const come = now.filter((host) => !before.includes(host))
    if (gone[0] && come[0] && !downs.includes(gone[0])) {
      this.recorder.add({ ev: 'vm_migrated', vm, host: gone.shift()!, to: come.shift()! }, external)
    }
    for (const host of gone) {
      const meant = this.intentions.stopping.delete(`${host} ${uuid}`)
      this.recorder.add({ ev: meant && !downs.includes(host) ? 'vm_stopped' : 'vm_died', vm, host }, external)
    }
    for (const host of come) this.recorder.add({ ev: 'vm_started', vm, host }, external)
  }

  private lookAround(): Map<string, string[]> {
    const places = new Map<string, string[]>()
    for (const host of this.sim.truth.hosts.values()) {
      for (const domain of host.domains.values()) {
        if (!domain.guest) continue
        const there = places.get(domain.uuid)
        if (there) there.push(host.is.name)
        else places.set(domain.uuid, [host.is.name])
      }
    }
    return places
  }

  /** What control has just made durable. */
  private readRows(): void {
    const { host, vm } = this.sim.ledger.folded
    for (const row of host.values()) {
      const before = this.hosts.get(row.id)
      if (before === row) continue
      this.hosts.set(row.id, row)
      if (row.state === 'fenced' && before?.state !== 'fenced')
        this.recorder.add({ ev: 'host_fenced', host: row.name })
      const on = row.mode !== 'normal'
      if (on !== ((before?.mode ?? 'normal') !== 'normal'))
        this.recorder.add({ ev: 'host_maintenance', host: row.name, on })
    }
    for (const row of vm.values()) {
      const before = this.vms.get(row.id)
      const name = this.nameOf(row.uuid)
      const at = host.get(row.hostId)
      if (!name || !at) continue
      if (before && before.row.hostId !== row.hostId && !this.places.get(row.uuid)?.includes(at.name))
        this.recorder.add({ ev: 'vm_registered', vm: name, host: at.name })
      const status = statusOf(row, at)
      if (status !== before?.status) this.recorder.add({ ev: 'reported', vm: name, status })
      this.vms.set(row.id, { row, status })
    }
  }
}

/** What an operator is shown of a VM. One whose host cannot be heard waits until it is known what became of it. */
function statusOf(vm: Vm, host: Host): Status {
  if (vm.recovery) return vm.recovery.state === 'error' ? 'error' : 'waiting'
  if (vm.desired === 'running' && isSilent(host)) return 'waiting'
  return vm.power === 'running' || vm.power === 'paused' ? 'running' : 'stopped'
}
