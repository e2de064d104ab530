import type { Model } from './model'
import type { Unit } from './unit'

/** Why a unit may not be on a host. */
export type Reason =
  | { code: 'closed' }
  | { code: 'ineligible' }
  | { code: 'short'; resource: number; needed: number; free: number }
  | { code: 'rule'; rule: number }

/** Rounding must not make two halves of a host too much for it. */
const slack = 1 - 1e-9

/** Who is where, with what that leaves of every host. Placing and taking away cost what the unit's own rules cost. */
export class Layout {
  readonly resources: number
  readonly capacity: Float64Array
  /** By resource: what a host has of it on average. */
  readonly mean: Float64Array
  readonly used: Float64Array
  /** By resource: 1 where it is never over-committed. */
  readonly hard: Uint8Array
  readonly count: Int32Array
  readonly at: Int32Array
  readonly accepts: Uint8Array
  /** By set: host to members there. */
  readonly setAt: Map<number, number>[]
  /** By set: members that are anywhere. */
  readonly setPlaced: Int32Array
  /** By group: host to members there. */
  readonly groupAt: Map<number, number>[]

  /** `down`: hosts that take nothing, and whose VMs run no more. */
  constructor(
    readonly model: Model,
    down: ReadonlySet<number> = new Set(),
  ) {
    const { hosts, vms, resources } = model
    const width = resources.length
    this.resources = width
    this.hard = Uint8Array.from(resources, (resource) => (resource.hard ? 1 : 0))
    this.capacity = new Float64Array(hosts.length * width)
    this.mean = Float64Array.from(
      resources,
      (_, r) => hosts.reduce((sum, { capacity }) => sum + capacity[r]!, 0) / hosts.length,
    )
    this.used = new Float64Array(hosts.length * width)
    this.count = new Int32Array(hosts.length)
    this.accepts = new Uint8Array(hosts.length)
    for (const [host, row] of hosts.entries()) {
      this.accepts[host] = row.accepts && !down.has(host) ? 1 : 0
      if (!down.has(host)) this.count[host] = row.crowd ?? model.vmsOn[host]!.length
      for (let r = 0; r < width; r += 1) {
        this.capacity[host * width + r] = row.capacity[r]!
        this.used[host * width + r] = down.has(host) ? 0 : row.used[r]!
      }
    }
    this.at = Int32Array.from(vms, ({ at }) => at)
    for (const host of down) for (const vm of model.vmsOn[host]!) this.at[vm] = -1
    this.setAt = model.sets.map(() => new Map())
    this.setPlaced = new Int32Array(model.sets.length)
    this.groupAt = model.groups.map(() => new Map())
    for (const vm of model.bound) {
      const home = this.at[vm]!
      const { towards = -1 } = vms[vm]!
      if (home >= 0) this.#mark(vm, home, 1)
      if (towards >= 0 && towards !== home && !down.has(towards)) this.#mark(vm, towards, 1)
    }
  }

  #mark(vm: number, host: number, by: 1 | -1): void {
    for (const set of this.model.setsOf[vm]!) {
      bump(this.setAt[set]!, host, by)
      this.setPlaced[set]! += by
    }
    const group = this.model.groupOf[vm]!
    if (group >= 0) bump(this.groupAt[group]!, host, by)
  }

  put(unit: Unit, host: number): void {
    const base = host * this.resources
    for (let r = 0; r < this.resources; r += 1) this.used[base + r]! += unit.size[r]!
    this.count[host]! += unit.vms.length
    for (const vm of unit.vms) {
      this.at[vm] = host
      this.#mark(vm, host, 1)
    }
  }

  take(unit: Unit): void {
    const host = this.at[unit.vms[0]!]!
    const base = host * this.resources
    for (let r = 0; r < this.resources; r += 1) this.used[base + r]! -= unit.size[r]!
    this.count[host]! -= unit.vms.length
    for (const vm of unit.vms) {
      this.at[vm] = -1
      this.#mark(vm, host, -1)
    }
  }

  hostOf(unit: Unit): number {
    return this.at[unit.vms[0]!]!
  }

  free(host: number, resource: number): number {
    const i = host * this.resources + resource
    return this.capacity[i]! - this.used[i]!
  }

  /** Whether strict rules and hard resources let the unit be there. */
  fits(unit: Unit, host: number): boolean {
    return this.holds(unit, host) && this.obeys(unit, host)
  }

  holds(unit: Unit, host: number): boolean {
    const base = host * this.resources
    for (let r = 0; r < this.resources; r += 1) {
      const size = unit.size[r]!
      if (this.hard[r] && size > 0 && (this.used[base + r]! + size) * slack > this.capacity[base + r]!)
        return false
    }
    return true
  }

  /** Strict rules, eligibility, and that the host takes VMs at all. */
  obeys(unit: Unit, host: number): boolean {
    if (!this.accepts[host] || (unit.allowed && !unit.allowed[host]) || unit.torn >= 0) return false
    for (let i = 0; i < unit.apart.length; i += 1) if (this.setAt[unit.apart[i]!]!.has(host)) return false
    if (unit.group >= 0)
      for (const other of this.groupAt[unit.group]!.keys()) if (other !== host) return false
    return true
  }

  /** Every reason why the unit may not be there; empty when it may. */
  whyNot(unit: Unit, host: number): Reason[] {
    const { model } = this
    const reasons: Reason[] = []
    if (!this.accepts[host]) reasons.push({ code: 'closed' })
    if (unit.vms.some((vm) => model.vms[vm]!.eligible?.[host] === 0)) reasons.push({ code: 'ineligible' })
    const rules = new Set<number>()
    for (const vm of unit.vms)
      for (const rule of model.hostRulesOf[vm]!) {
        const { strict, relation, hosts } = model.rules[rule]!
        const named = hosts.some((one) => one.host === host)
        if (strict && named === (relation === 'notOn')) rules.add(rule)
      }
    if (unit.torn >= 0) rules.add(unit.torn)
    for (const set of unit.apart) if (this.setAt[set]!.has(host)) rules.add(model.sets[set]!.rule)
    if (unit.group >= 0 && [...this.groupAt[unit.group]!.keys()].some((other) => other !== host))
      rules.add(model.groupRules[unit.group]!.find((rule) => model.rules[rule]!.vms.includes(unit.vms[0]!))!)
    for (const rule of rules) reasons.push({ code: 'rule', rule })
    for (let r = 0; r < this.resources; r += 1) {
      const free = this.free(host, r)
      const needed = unit.size[r]!
      if (model.resources[r]!.hard && needed > 0 && needed * slack > free)
        reasons.push({ code: 'short', resource: r, needed, free })
    }
    return reasons
  }
}

function bump(map: Map<number, number>, key: number, by: number): void {
  const next = (map.get(key) ?? 0) + by
  if (next === 0) map.delete(key)
  else map.set(key, next)
}
