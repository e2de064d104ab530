import type { LoadHost, LoadPicture, LoadVm } from '@drover/model'
import { expectDemandWithin } from '../demand/expect'
import { hourMs, hourRowOf, pastHours, type Recorded, recentSteps, rowOf } from './recorded'
import { Seen } from './seen'

/** A host that is told to sleep is off so long after it is empty, and one that is woken takes VMs after this. */
export const asleepAfterMs = 60_000
export const awakeAfterMs = 180_000

export interface Flight {
  vm: number
  from: number
  to: number
  bytes: number
  by: string
  startAt: number
  endAt: number
}

/** What is to be done next: VMs that go at once, or a host that is switched off when those before have gone. */
export type Errand = { moves: Omit<Flight, 'startAt' | 'endAt'>[]; ms: number } | { sleep: number }

/**
 * A cluster that never was: where VMs would be and which hosts would sleep, under loads that were. Time goes on by steps; what
 * is under way takes its time within them.
 */
export class Estate {
  readonly seen: Seen
  /** By VM; -1: nowhere. */
  readonly at: Int32Array
  readonly standby: LoadHost['standby'][]
  readonly standbySince: Float64Array
  /** Begun, and not ended when this step began. */
  flights: Flight[] = []
  queue: Errand[] = []
  readonly #movedAt: Float64Array
  readonly #base: { cpu: Float64Array; memory: Float64Array; promised: Float64Array; cpus: Float64Array }
  /** When the errand of now has ended. */
  #freeAt = 0

  constructor(readonly recorded: Recorded) {
    const { picture, places } = recorded
    this.seen = new Seen(recorded)
    this.at = Int32Array.from(places)
    // Everybody is awake at first: what sleep brings is what is asked.
    this.standby = picture.hosts.map(() => 'awake')
    this.standbySince = new Float64Array(picture.hosts.length).fill(Number.NEGATIVE_INFINITY)
    this.#movedAt = new Float64Array(picture.vms.length).fill(Number.NEGATIVE_INFINITY)
    this.#base = baseOf(picture)
  }

  get now(): number {
    return this.seen.now
  }

  /** Whether rules that move VMs have to wait. */
  get isBusy(): boolean {
    return this.queue.length > 0 || this.flights.length > 0
  }

  /** What a host uses besides its VMs. */
  base(host: number): { cpu: number; memory: number } {
    return { cpu: this.#base.cpu[host]!, memory: this.#base.memory[host]! }
  }

  /** Goes to this step. Answers whether anything was heard in its window. */
  go(step: number): boolean {
    const heard = this.seen.go(step)
    const { now } = this
    for (const { vm, to, endAt } of this.flights)
      if (endAt <= now) {
        this.at[vm] = to
        this.#movedAt[vm] = endAt
      }
    this.flights = this.flights.filter(({ endAt }) => endAt > now)
    for (const [host, is] of this.standby.entries()) {
      const since = this.standbySince[host]!
      if (is === 'waking' && since + awakeAfterMs <= now) this.turn(host, 'awake', since + awakeAfterMs)
    }
    // Who starts where a host sleeps starts elsewhere.
    for (let vm = 0; vm < this.at.length; vm += 1) {
      const at = this.at[vm]!
      if (this.seen.runs[vm] && (at < 0 || this.standby[at] === 'asleep')) this.at[vm] = this.#roomiest(vm)
    }
    return heard
  }

  /** Begins what is next in the queue, as far as its turn comes before `until`. */
  run(until: number, begun: (flights: readonly Flight[]) => void): void {
    let at = Math.max(this.#freeAt, this.now)
    while (this.queue.length > 0 && at < until) {
      const errand = this.queue.shift()!
      if ('sleep' in errand) {
        if (this.#holds(errand.sleep)) this.turn(errand.sleep, 'awake', at)
        else this.turn(errand.sleep, 'asleep', at + asleepAfterMs)
        continue
      }
      const endAt = at + errand.ms
      const flights = errand.moves.map((move) => ({ ...move, startAt: at, endAt }))
      this.flights.push(...flights)
      begun(flights)
      at = endAt
      this.#freeAt = at
    }
  }

  /** What has not begun is called off; hosts that were to sleep stay awake. */
  callOff(): void {
    for (const errand of this.queue) if ('sleep' in errand) this.turn(errand.sleep, 'awake', this.now)
    this.queue = []
  }

  /** Whether anything runs on a host, or is on its way there. */
  #holds(host: number): boolean {
    const going = new Map(this.flights.map(({ vm, to }) => [vm, to]))
    for (let vm = 0; vm < this.at.length; vm += 1)
      if ((going.get(vm) ?? this.at[vm]) === host && this.seen.runs[vm]) return true
    return false
  }

  turn(host: number, standby: LoadHost['standby'], at: number): void {
    this.standby[host] = standby
    this.standbySince[host] = at
  }

  #roomiest(vm: number): number {
    const { hosts, vms } = this.recorded.picture
    const given = new Float64Array(hosts.length)
    for (const [other, { memoryBytes }] of vms.entries()) {
      const at = this.at[other]!
      if (other !== vm && at >= 0) given[at]! += memoryBytes
    }
    let [best, room] = [-1, Number.NEGATIVE_INFINITY]
    for (const [host, { accepts, roomBytes }] of hosts.entries()) {
      const left = roomBytes - given[host]!
      if (!accepts || this.standby[host] !== 'awake' || left <= room) continue
      if (vms[vm]!.eligible?.includes(host) ?? true) [best, room] = [host, left]
    }
    return best
  }

  /** What control would see now: what is past, and nothing of what is to come. */
  picture(): LoadPicture {
    const { recorded, seen, now } = this
    const { picture, usage, hourly } = recorded
    const used = picture.hosts.map((_, host) => ({ ...this.base(host), disk: 0, network: 0 }))
    const promised = Float64Array.from(this.#base.promised)
    const cpus = Float64Array.from(this.#base.cpus)
    const hour = Math.floor(now / hourMs) - Math.floor(recorded.fromAt / hourMs)
    const [row, hourRow] = [rowOf(recorded), hourRowOf(recorded)]
    const going = new Map(this.flights.map(({ vm, to }) => [vm, to]))
    const recent = { ...usage, pressureMean: none(usage.cpuMean.length) }
    const vms = picture.vms.map((vm, i): LoadVm => {
      const end = i * row + recentSteps + seen.step
      const first = i * hourRow + hour
      const demand = seen.runs[i]
        ? expectDemandWithin(
            recent,
            { from: end - recentSteps, to: end },
            hourly,
            { from: first, to: first + pastHours },
            now,
          )
        : null
      const at = seen.runs[i] ? this.at[i]! : -1
      const last = {
        cpu: seen.lastCpu[i]!,
        memory: seen.lastMemory[i]!,
        disk: seen.rate('diskMean', i),
        network: seen.rate('networkMean', i),
      }
      const towards = going.get(i) ?? -1
      if (at >= 0) {
        const host = used[at]!
        host.cpu += last.cpu
        host.memory += last.memory
        host.disk += last.disk
        host.network += last.network
        promised[at]! += vm.memoryBytes
        cpus[at]! += vm.vcpus
        if (towards >= 0) {
          promised[towards]! += vm.memoryBytes
          cpus[towards]! += vm.vcpus
        }
      }
      const movedAt = this.#movedAt[i]!
      return {
        id: vm.id,
        name: vm.name,
        vcpus: vm.vcpus,
        memoryBytes: vm.memoryBytes,
        at,
        towards,
        demand: demand ?? nothing,
        now: last,
        tags: vm.tags,
        fixed: demand ? vm.fixed : 'it does not run',
        automation: 'full',
        protected: vm.protected,
        tier: vm.tier,
        movedAt: movedAt > Number.NEGATIVE_INFINITY ? movedAt : null,
        eligible: vm.eligible,
      }
    })
    const hosts = picture.hosts.map(
      (host, i): LoadHost => ({
        ...host,
        used: usedOf(host, used[i]!),
        promisedBytes: promised[i]!,
        promisedCpus: cpus[i]!,
        standby: this.standby[i]!,
        standbySince: this.standbySince[i]!,
        byHand: false,
      }),
    )
    // What is wrong today was not then.
    const { waiting: _, missing: __, ...rest } = picture
    return { ...rest, at: now, hosts, vms }
  }
}

/** A host gives no more than it has; what is asked for beyond that waits. */
export function usedOf(
  { cores }: Pick<LoadHost, 'cores'>,
  wanted: Omit<LoadHost['used'], 'pressure'>,
): LoadHost['used'] {
  const pressure = wanted.cpu > cores ? 1 - cores / wanted.cpu : 0
  return { ...wanted, cpu: Math.min(wanted.cpu, cores), pressure }
}

/** What is not recorded of the past, because it is counted with what was wanted. */
let zeros = new Float32Array(0)
const none = (length: number): Float32Array => {
  if (zeros.length < length) zeros = new Float32Array(length)
  return zeros
}

const nothing = {
  cpu: 0,
  cpuHigh: 0,
  memory: 0,
  disk: 0,
  network: 0,
  pressure: 0,
  basis: 'nothing was heard',
}

/** What hosts use and have promised besides their VMs, as of now: taken to have been so all the time. */
function baseOf({ hosts, vms }: LoadPicture) {
  const base = {
    cpu: Float64Array.from(hosts, ({ used }) => used.cpu),
    memory: Float64Array.from(hosts, ({ used }) => used.memory),
    promised: Float64Array.from(hosts, ({ promisedBytes }) => promisedBytes),
    cpus: Float64Array.from(hosts, ({ promisedCpus }) => promisedCpus),
  }
  for (const { at, now, demand, memoryBytes, vcpus } of vms) {
    if (at < 0) continue
    base.cpu[at]! -= now?.cpu ?? demand.cpu
    base.memory[at]! -= now?.memory ?? demand.memory
    base.promised[at]! -= memoryBytes
    base.cpus[at]! -= vcpus
  }
  for (const column of Object.values(base))
    for (const [i, value] of column.entries()) column[i] = Math.max(0, value)
  return base
}
