import { Layout } from '../model/layout'
import { buildModel, type Model, modelNow } from '../model/model'
import type { Unit } from '../model/unit'
import type {
  ConsolidationGoal,
  ConsolidationInput,
  ConsolidationMove,
  ConsolidationScore,
  ConsolidationStep,
  Standing,
} from './goal'
import { type Load, loadOf } from './load'
import { movableUnits, rankOf } from './movable'
import { wattsAt } from './power'
import { tail } from './tail'

/** The hosts with what is expected of them, while a plan is made: moves are tried on it and taken back. */
export class Field {
  readonly model: Model
  readonly layout: Layout
  readonly steps: ConsolidationStep[] = []
  /** By host: 1 while it is awake. */
  readonly awake: Uint8Array
  /** By host: its place in the order of names, which decides between hosts that are alike. */
  readonly nameRank: Int32Array
  /** By host: units that may be moved. */
  readonly units: Unit[][]
  /** By host: a VM that cannot be moved from there, or -1; what runs there and is not known counts too. */
  readonly stuck: Int32Array
  moves = 0
  bytes = 0
  readonly #width: number
  readonly #mean: Float64Array
  readonly #variance: Float64Array
  readonly #now: Float64Array
  /** By host, by metric: what may be asked for. */
  readonly #room: Float64Array
  readonly #loads = new Map<Unit, Load>()
  #restarting: Model | null = null

  constructor(
    readonly input: ConsolidationInput,
    readonly goal: ConsolidationGoal,
    readonly mayGoOn: () => boolean = () => true,
  ) {
    const { model, hosts } = input
    const width = goal.metrics.length
    this.model = model
    this.layout = new Layout(model)
    this.awake = Uint8Array.from(hosts, ({ asleep }) => (asleep ? 0 : 1))
    for (const [host, { asleep }] of hosts.entries()) if (asleep) this.layout.accepts[host] = 0
    this.nameRank = rankOf(model.hosts.map(({ name }) => name))
    this.#width = width
    this.#mean = new Float64Array(hosts.length * width)
    this.#variance = new Float64Array(hosts.length * width)
    this.#now = new Float64Array(hosts.length * width)
    this.#room = new Float64Array(hosts.length * width)
    for (const host of hosts.keys()) this.#load(host)
    const { units, stuck } = movableUnits(model, input.stay)
    this.units = units
    this.stuck = stuck
  }

  /** What runs on a host: its VMs' demand, and what is used there by nobody the model knows. */
  #load(host: number): void {
    const { vms, vmsOn, hosts } = this.model
    for (const [m, { resource, limit }] of this.goal.metrics.entries()) {
      const i = host * this.#width + m
      const { capacity, used } = hosts[host]!
      this.#room[i] = capacity[resource]! * limit
      const known = vmsOn[host]!.reduce((sum, vm) => sum + vms[vm]!.size[resource]!, 0)
      const rest = used[resource]! - known
      const base = rest > used[resource]! * 1e-9 ? rest : 0
      this.#mean[i] = base
      this.#now[i] = base
      for (const vm of vmsOn[host]!) {
        const { mean, sd, now } = this.input.demand[vm]![m]!
        this.#mean[i]! += mean
        this.#variance[i]! += sd * sd
        this.#now[i]! += now
      }
    }
  }

  load(unit: Unit): Load {
    let load = this.#loads.get(unit)
    if (!load) {
      load = loadOf(unit, this.input.demand, this.#width)
      this.#loads.set(unit, load)
    }
    return load
  }

  /**
   * How many standard deviations of room the host has by the metric that is tightest there, as it is, or with (1) or
   * without (-1) the load besides.
   */
  calm(host: number, load: Load | null = null, sign: 1 | -1 = 1): number {
    let least = Number.POSITIVE_INFINITY
    for (let m = 0; m < this.#width; m += 1) least = Math.min(least, this.#calm(host, m, load, sign))
    return least
  }

  #calm(host: number, m: number, load: Load | null, sign: 1 | -1): number {
    const i = host * this.#width + m
    const mean = this.#mean[i]! + (load ? sign * load.mean[m]! : 0)
    const swing = this.goal.metrics[m]!.common * mean
    const variance = Math.max(0, this.#variance[i]! + (load ? sign * load.variance[m]! : 0)) + swing * swing
    const room = this.#room[i]! - mean
    return variance > 0
      ? room / Math.sqrt(variance)
      : room >= -slack
        ? Number.POSITIVE_INFINITY
        : Number.NEGATIVE_INFINITY
  }

  /** How probable it is that more is asked of the host than its limit; by metric, added up. */
  risk(host: number, load: Load | null = null, sign: 1 | -1 = 1): number {
    let sum = 0
    for (let m = 0; m < this.#width; m += 1) sum += tail(this.#calm(host, m, load, sign))
    return sum
  }

  /** By how much what is asked for now is over the limit, by the metric where it is most, as a share of the limit; 0: it is not. */
  over(host: number): number {
    return this.#over(host, null, 1, 0)
  }

  /** The same with (1) or without (-1) the load besides, where the goal's margin has to stay free. */
  overWith(host: number, load: Load, sign: 1 | -1): number {
    return this.#over(host, load, sign, sign > 0 ? this.goal.margin : this.goal.margin / 5)
  }

  #over(host: number, load: Load | null, sign: 1 | -1, margin: number): number {
    let most = 0
    for (let m = 0; m < this.#width; m += 1) {
      const i = host * this.#width + m
      const room = this.#room[i]! * (1 - margin)
      const over = this.#now[i]! + (load ? sign * load.now[m]! : 0) - room
      if (over > slack * room) most = Math.max(most, over / (room || slack))
    }
    return most
  }

  /** Whether the unit, which is on another host, may go there: as strict rules, wishes and hard resources have it. */
  mayGo(unit: Unit, to: number): boolean {
    const { layout } = this
    const from = layout.hostOf(unit)
    if (to === from || !layout.accepts[to]) return false
    if (unit.hostCost && unit.hostCost[to]! > unit.hostCost[from]!) return false
    if (!layout.holds(unit, to)) return false
    if (unit.group < 0 && unit.wishes.length === 0) return layout.obeys(unit, to)
    layout.take(unit)
    const fits = layout.obeys(unit, to) && this.#broken(unit, to) <= this.#broken(unit, from)
    layout.put(unit, from)
    return fits
  }

  #broken(unit: Unit, host: number): number {
    let broken = 0
    for (const { set } of unit.wishes) {
      const there = this.layout.setAt[set]!.get(host) ?? 0
      broken += this.model.sets[set]!.relation === 'apart' ? there : this.layout.setPlaced[set]! - there
    }
    return broken
  }

  /** Moves a unit, or takes that back. */
  go(unit: Unit, to: number): void {
    const { layout } = this
    const from = layout.hostOf(unit)
    layout.take(unit)
    layout.put(unit, to)
    const load = this.load(unit)
    for (let m = 0; m < this.#width; m += 1) {
      const [a, b] = [from * this.#width + m, to * this.#width + m]
      this.#mean[a]! -= load.mean[m]!
      this.#mean[b]! += load.mean[m]!
      this.#variance[a]! -= load.variance[m]!
      this.#variance[b]! += load.variance[m]!
      this.#now[a]! -= load.now[m]!
      this.#now[b]! += load.now[m]!
    }
    const on = this.units[from]!
    on.splice(on.indexOf(unit), 1)
    this.units[to]!.push(unit)
  }

  /** What moving the unit costs. */
  bytesOf(unit: Unit): number {
    return unit.size[this.goal.costOf]! * this.goal.bytesPerUnit
  }

  movesOf(unit: Unit, from: number, to: number): ConsolidationMove[] {
    const { costOf, bytesPerUnit } = this.goal
    return unit.vms.map((vm) => ({ vm, from, to, bytes: this.model.vms[vm]!.size[costOf]! * bytesPerUnit }))
  }

  wake(host: number): void {
    this.awake[host] = 1
    this.layout.accepts[host] = this.model.hosts[host]!.accepts ? 1 : 0
  }

  sleep(host: number): void {
    this.awake[host] = 0
    this.layout.accepts[host] = 0
  }

  /** Watts of a host at what is expected of it, by its first metric. */
  watts(host: number): number {
    const { power } = this.input.hosts[host]!
    if (!this.awake[host]) return power.asleepWatts ?? 0
    const capacity = this.model.hosts[host]!.capacity[this.goal.metrics[0]!.resource]!
    return wattsAt(power, capacity > 0 ? this.#mean[host * this.#width]! / capacity : 0)
  }

  /** Watts at full load for each unit of its capacity: how well it turns power into work. */
  price(host: number): number {
    const capacity = this.model.hosts[host]!.capacity[this.goal.metrics[0]!.resource]!
    return wattsAt(this.input.hosts[host]!.power, 1) / (capacity || 1e-9)
  }

  score(): ConsolidationScore {
    let [awake, watts] = [0, 0]
    for (let host = 0; host < this.awake.length; host += 1) {
      awake += this.awake[host]!
      watts += this.watts(host)
    }
    return { awake, watts, risk: this.meanRisk() }
  }

  /** The risk of an awake host, on average. */
  meanRisk(): number {
    let [sum, count] = [0, 0]
    for (let host = 0; host < this.awake.length; host += 1) {
      if (!this.awake[host]) continue
      sum += this.risk(host)
      count += 1
    }
    return count > 0 ? sum / count : 0
  }

  /** What the risk would be on average if the hosts that are awake shared all that is asked for evenly; the worst metric counts. */
  evenRisk(): number {
    let worst = 0
    for (let m = 0; m < this.#width; m += 1) {
      let [mean, spread, room, count] = [0, 0, 0, 0]
      for (let host = 0; host < this.awake.length; host += 1) {
        const i = host * this.#width + m
        if (!this.awake[host] || this.#room[i]! <= 0) continue
        mean += this.#mean[i]!
        spread += Math.max(0, this.#variance[i]!)
        room += this.#room[i]!
        count += 1
      }
      if (count === 0) continue
      const each = mean / count
      const sd = Math.sqrt(spread / count + (this.goal.metrics[m]!.common * each) ** 2)
      worst = Math.max(worst, tail((room / count - each) / (sd || slack)))
    }
    return worst
  }

  standing(host: number): Standing {
    let metric = 0
    for (let m = 1; m < this.#width; m += 1)
      if (this.#calm(host, m, null, 1) < this.#calm(host, metric, null, 1)) metric = m
    const i = host * this.#width + metric
    const { limit, common, resource } = this.goal.metrics[metric]!
    const capacity = this.model.hosts[host]!.capacity[resource]! || 1
    const mean = this.#mean[i]! / capacity
    const sd = Math.hypot(Math.sqrt(Math.max(0, this.#variance[i]!)) / capacity, common * mean)
    return { host, metric, now: this.#now[i]! / capacity, mean, sd, limit }
  }

  /** The model as it would be now, for questions about failures: with the hosts that could start each VM anew. */
  asModel(): Model {
    const { model, layout } = this
    this.#restarting ??= restartingOf(this.input)
    const width = layout.resources
    const hosts = model.hosts.map((row, host) => ({
      ...row,
      used: Array.from(layout.used.subarray(host * width, (host + 1) * width)),
      crowd: layout.count[host]!,
      accepts: layout.accepts[host] === 1,
    }))
    return modelNow(this.#restarting, hosts, layout.at)
  }
}

/** What is kept up as a running sum drifts by less than this, as a share. */
const slack = 1e-9

function restartingOf({ model, restart }: ConsolidationInput): Model {
  if (!restart?.some((eligible) => eligible !== undefined)) return model
  const vms = model.vms.map((row, vm) => {
    const eligible = restart[vm]
    return eligible === undefined ? row : { ...row, eligible }
  })
  return buildModel({ ...model, vms })
}
