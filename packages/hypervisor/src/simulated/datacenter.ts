import type { Beat } from '@drover/protocol'
import type { Clock } from '../clock'
import { HypervisorError } from '../port'
import type { DatacenterDescription, HostDescription, VmDescription } from './description'
import { Disks } from './disks'
import { type LoadProfile, profileOf } from './load'
import type { Migration } from './migration'
import { counterAt, type Fault, type SimulatedDomain, type SimulatedHost } from './parts'
import { at, seedOf } from './random'
import { troubleOf } from './trouble'

/**
 * Hosts, their links, their storage and what runs on them: one world that every host's adapter acts on. It goes on by
 * itself, as a real one does: a migration does not end because the agent that asked for it has died.
 *
 * Everything that happens, happens by the clock; everything random follows from the seed.
 */
export class SimulatedDatacenter {
  readonly hosts = new Map<string, SimulatedHost>()
  readonly disks: Disks
  readonly migrations = new Map<string, Migration>()
  readonly faults: Fault[] = []
  readonly profiles = new Map<string, LoadProfile>()
  /** Told of what nobody else could tell: a guest that its disk failed, a heartbeat that reached a datastore. */
  observer: { diskFailed(uuid: string): void; beat(datastore: string, beat: Beat): void } | null = null
  /** Pairs of hosts that cannot reach each other although both have a link. */
  private readonly parted = new Set<string>()
  private readonly listeners = new Map<string, Set<(uuid: string) => void>>()
  private draws = 0
  private boots = 0

  constructor(
    readonly clock: Clock,
    readonly seed = 1,
  ) {
    this.disks = new Disks(this)
  }

  /** Builds what the description says; running VMs have been up for a while. */
  static from(description: DatacenterDescription, clock: Clock): SimulatedDatacenter {
    const datacenter = new SimulatedDatacenter(clock, description.seed)
    for (const datastore of description.datastores) datacenter.disks.addDatastore(datastore)
    for (const host of description.hosts) datacenter.addHost(host)
    for (const vm of description.vms) datacenter.addVm(vm)
    return datacenter
  }

  addHost(is: HostDescription): SimulatedHost {
    const host: SimulatedHost = {
      is,
      on: true,
      life: 1,
      slowness: 1,
      linkUp: true,
      frozen: null,
      storage: new Map(),
      domains: new Map(),
    }
    this.hosts.set(is.name, host)
    return host
  }

  addVm(vm: VmDescription): SimulatedDomain {
    const host = this.host(vm.host)
    for (const disk of vm.disks) this.disks.put(disk.datastore, disk.path, disk)
    if (vm.load) this.profiles.set(vm.uuid, { ...profileOf(vm.uuid, this.seed), ...vm.load })
    const disks = vm.disks.map((disk) => {
      const mount = host.is.mounts.find((m) => m.datastore === disk.datastore)
      if (!mount) throw new Error(`${vm.host} has no mount of the datastore of ${vm.name}`)
      return { path: `${mount.path}/${disk.path}`, format: disk.format }
    })
    const domain: SimulatedDomain = {
      uuid: vm.uuid,
      name: vm.name,
      vcpus: vm.vcpus,
      memoryBytes: vm.memoryBytes,
      disks,
      nics: vm.nics.map((nic) => ({ ...nic })),
      ...(vm.bound === undefined ? {} : { bound: vm.bound }),
      state: 'off',
      reason: null,
      persistent: true,
      job: 'none',
      guest: null,
    }
    host.domains.set(vm.uuid, domain)
    if (vm.running) {
      const now = this.clock.now()
      domain.state = 'running'
      domain.guest = { counter: 0, countingSince: now, bootId: this.nextBootId(), bootedAt: now }
    }
    return domain
  }

  host(name: string): SimulatedHost {
    const host = this.hosts.get(name)
    if (!host) throw new Error(`no simulated host ${name}`)
    return host
  }

  hostByAddress(address: string): SimulatedHost | null {
    for (const host of this.hosts.values()) if (host.is.address === address) return host
    return null
  }

  // ---- trouble ---------------------------------------------------------------------------------------------------

  /** Power loss: everything in memory is gone at once; definitions and disks stay. */
  powerOff(name: string): void {
    const host = this.host(name)
    if (!host.on) return
    for (const domain of host.domains.values()) this.settle(host, domain)
    host.on = false
    host.life++
    host.frozen?.open()
    host.frozen = null
    for (const domain of [...host.domains.values()]) {
      domain.guest = null
      domain.job = 'none'
      domain.reason = null
      domain.state = 'off'
      if (!domain.persistent) host.domains.delete(domain.uuid)
    }
    for (const migration of [...this.migrations.values()]) migration.hostLost(name)
  }

  powerOn(name: string): void {
    this.host(name).on = true
  }

  /** Pulls or plugs the host's leg in the migration network. */
  setLink(name: string, up: boolean): void {
    this.host(name).linkUp = up
  }

  /** Cuts or mends the way between two hosts only. */
  setPath(a: string, b: string, up: boolean): void {
    const pair = [a, b].sort().join(' ')
    if (up) this.parted.delete(pair)
    else this.parted.add(pair)
  }

  reachable(a: string, b: string): boolean {
    const [x, y] = [this.host(a), this.host(b)]
    return (
      x.on &&
      y.on &&
      !x.frozen &&
      !y.frozen &&
      x.linkUp &&
      y.linkUp &&
      !this.parted.has([a, b].sort().join(' '))
    )
  }

  /** The next operation that matches fails, once where it does not say how often. */
  inject(fault: Partial<Fault> & Pick<Fault, 'operation'>): void {
    this.faults.push({
      host: null,
      uuid: null,
      times: 1,
      atFraction: 0,
      error: 'failed',
      message: 'It was told to fail.',
      ...fault,
    })
  }

  /** Throws the fault that waits for this operation to get this far, if there is one. */
  trip(operation: Fault['operation'], host: string, uuid: string | null, fraction = 0): void {
    const index = this.faults.findIndex(
      (f) =>
        f.operation === operation &&
        (f.host === null || f.host === host) &&
        (f.uuid === null || f.uuid === uuid) &&
        fraction >= f.atFraction,
    )
    if (index < 0) return
    const fault = this.faults[index]!
    fault.times--
    if (fault.times <= 0) this.faults.splice(index, 1)
    throw new HypervisorError(fault.error, fault.message)
  }

  // ---- what checkers look at --------------------------------------------------------------------------------------

  /** Every host whose CPUs execute this VM right now. More than one is the end of its data. */
  runningOn(uuid: string): string[] {
    return this.where(uuid, (domain) => domain.state === 'running' && domain.guest !== null)
  }

  /** Every host that has this VM's memory, running or paused. */
  activeOn(uuid: string): string[] {
    return this.where(uuid, (domain) => domain.guest !== null)
  }

  definedOn(uuid: string): string[] {
    return this.where(uuid, (domain) => domain.persistent)
  }

  /** What the VM has counted to where it is alive; null when it is nowhere. */
  counter(uuid: string): number | null {
    for (const host of this.hosts.values()) {
      const guest = host.domains.get(uuid)?.guest
      if (guest) return counterAt(guest, this.clock.now())
    }
    return null
  }

  // ---- for adapters -----------------------------------------------------------------------------------------------

  profile(uuid: string): LoadProfile {
    let profile = this.profiles.get(uuid)
    if (!profile) {
      profile = profileOf(uuid, this.seed)
      this.profiles.set(uuid, profile)
    }
    return profile
  }

  /** Memory that no VM on the host has taken yet. */
  freeMemory(host: SimulatedHost): number {
    if (host.is.overcommitsMemory) return Number.MAX_SAFE_INTEGER
    let free = host.is.memoryBytes - host.is.reservedMemoryBytes
    for (const domain of host.domains.values()) {
      if (domain.guest || domain.state === 'incoming') free -= domain.memoryBytes
    }
    return free
  }

  /** Writes what the guest has counted to its first disk, as it does all the time. */
  settle(host: SimulatedHost, domain: SimulatedDomain): void {
    const { guest } = domain
    if (!guest) return
    const now = this.clock.now()
    const counter = counterAt(guest, now)
    if (guest.countingSince !== null) guest.countingSince = Math.max(now, guest.countingSince)
    guest.counter = counter
    const first = domain.disks[0]
    const file = first ? this.disks.find(host, first.path) : null
    if (file) file.counter = Math.max(file.counter, counter)
  }

  /** Lets the guest count, or keeps it from it: it does while it runs, on a host that does, with its disks at hand. */
  count(host: SimulatedHost, domain: SimulatedDomain): void {
    const { guest } = domain
    if (!guest) return
    this.settle(host, domain)
    const goes = domain.state === 'running' && !host.frozen && troubleOf(this, host, domain) === null
    guest.countingSince = goes ? Math.max(this.clock.now(), guest.bootedAt) : null
  }

  /** Between `least` and `most` ms, times the host's slowness. */
  latency(host: SimulatedHost, least: number, most: number): number {
    return (least + (most - least) * this.draw()) * host.slowness
  }

  draw(): number {
    return at(this.seed + 17, this.draws++)
  }

  nextBootId(): number {
    this.boots++
    return Math.floor(at(seedOf('boot') ^ this.seed, this.boots) * 1e9)
  }

  listen(host: string, listener: (uuid: string) => void): () => void {
    const set = this.listeners.get(host) ?? new Set()
    this.listeners.set(host, set)
    set.add(listener)
    return () => set.delete(listener)
  }

  changed(host: SimulatedHost, uuid: string): void {
    if (!host.on || host.frozen) return
    for (const listener of this.listeners.get(host.is.name) ?? []) listener(uuid)
  }

  private where(uuid: string, test: (domain: SimulatedDomain) => boolean): string[] {
    const names: string[] = []
    for (const host of this.hosts.values()) {
      const domain = host.domains.get(uuid)
      if (domain && test(domain)) names.push(host.is.name)
    }
    return names
  }
}
