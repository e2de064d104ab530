import type { Model } from '../model/model'
import { protectedOn, survives } from './survives'

export interface Tolerance {
  /** Any `failures` hosts may fail at once. What could not be shown within the budget counts as no. */
  ok: boolean
  certain: boolean
  /** The first failure found that is not survived, and who would stay down; the worst of those looked at. */
  worst: { failed: number[]; down: number[] } | null
  /** How many failures were tried out. */
  tried: number
}

export interface ToleranceOptions {
  /** Failures tried out, at most. */
  combinations?: number
  /** Looks at a host for a VM beyond the first for each, at most, over all failures: what bounds the time. */
  looks?: number
  /** Look on after the first failure that is not survived, for the worst one. */
  findWorst?: boolean
  /** Asked before each failure: false stops with what is known by then. */
  mayGoOn?: () => boolean
}

/**
 * May any `failures` hosts fail at once? First a count that settles most large clusters: if the room of the hosts that are left,
 * in pieces as large as the largest VM, is enough whichever hosts fail, no failure needs to be tried. Then the failures
 * one by one, the worst-looking first, and of those that are alike only one.
 */
export function tolerates(model: Model, failures: number, options: ToleranceOptions = {}): Tolerance {
  const { combinations = 20_000, looks = 2_000_000, mayGoOn = () => true } = options
  const onHost = protectedOn(model)
  let hosts = [...model.hosts.keys()].filter((host) => model.hosts[host]!.accepts || onHost[host]!.length > 0)
  const size = Math.min(failures, hosts.length)
  if (size <= 0) return { ok: true, certain: true, worst: null, tried: 0 }
  if (bySlots(model, onHost, size)) return { ok: true, certain: true, worst: null, tried: 0 }
  if (size === 1) {
    const plain = new PlainRoom(model)
    hosts = hosts.filter((host) => !plain.takes(host, onHost[host]!))
    if (hosts.length === 0) return { ok: true, certain: true, worst: null, tried: 0 }
  }
  hosts.sort((a, b) => harm(model, onHost, b) - harm(model, onHost, a) || a - b)
  const kinds = kindsOf(model, onHost, hosts)
  const seen = new Set<string>()
  let worst: Tolerance['worst'] = null
  let certain = true
  let tried = 0
  let left = looks
  for (const failed of combinationsOf(hosts, size)) {
    const key = failed.map((host) => kinds.get(host)!).join()
    if (seen.has(key)) continue
    seen.add(key)
    if (tried === combinations || !mayGoOn()) {
      certain = worst !== null
      return { ok: false, certain, worst, tried }
    }
    tried += 1
    const survival = survives(model, failed, { looks: Math.min(left, 500_000), onHost })
    left -= survival.looks
    if (survival.ok) continue
    if (!worst || survival.down.length > worst.down.length) worst = { failed, down: survival.down }
    certain &&= survival.certain
    if (!options.findWorst) break
  }
  return { ok: worst === null, certain, worst, tried }
}

/** How bad it looks when this host fails: what it runs and what it has free, as shares of what all have. */
function harm(model: Model, onHost: readonly (readonly number[])[], host: number): number {
  let sum = 0
  for (const [r, resource] of model.resources.entries()) {
    if (!resource.hard) continue
    const { capacity, used, accepts } = model.hosts[host]!
    const lost = onHost[host]!.reduce((total, vm) => total + model.vms[vm]!.size[r]!, 0)
    sum += lost + (accepts ? Math.max(0, capacity[r]! - used[r]!) : 0)
  }
  return sum
}

/**
 * Room counted in pieces of the largest protected VM: sound, because a host with n such pieces free takes any n of them,
 * but it knows nothing of rules, so it is used where none binds a protected VM.
 */
function bySlots(model: Model, onHost: readonly (readonly number[])[], failures: number): boolean {
  const vms = onHost.flat()
  const bound = vms.some(
    (vm) =>
      model.groupOf[vm]! >= 0 ||
      model.allowed[vm]?.includes(0) ||
      model.setsOf[vm]!.some((set) => model.sets[set]!.strict),
  )
  if (bound) return false
  const hard = [...model.resources.keys()].filter((r) => model.resources[r]!.hard)
  const piece = hard.map((r) => vms.reduce((most, vm) => Math.max(most, model.vms[vm]!.size[r]!), 0))
  const slots = model.hosts.map(({ accepts, capacity, used }) => {
    if (!accepts) return 0
    const room = hard.map((r, i) =>
      piece[i] ? Math.floor((Math.max(0, capacity[r]! - used[r]!) / piece[i]!) * (1 + 1e-9)) : vms.length,
    )
    return Math.min(vms.length, ...room)
  })
  const lost = slots.map((count, host) => count + onHost[host]!.length).sort((a, b) => b - a)
  const all = slots.reduce((sum, count) => sum + count, 0)
  return all >= lost.slice(0, failures).reduce((sum, count) => sum + count, 0)
}

/**
 * Whether what one host runs finds room on the others, the largest first and each where most is left: for far less than
 * trying the failure out, which is left to do for the few of which it says no. Sound where it says yes; it knows nothing of
 * strict rules between VMs, so it says no to VMs that are in one.
 */
class PlainRoom {
  readonly #hard: number[]
  readonly #room: Float64Array
  readonly #left: Float64Array

  constructor(private readonly model: Model) {
    this.#hard = [...model.resources.keys()].filter((r) => model.resources[r]!.hard)
    const width = this.#hard.length
    this.#room = new Float64Array(model.hosts.length * width)
    for (const [host, { accepts, capacity, used }] of model.hosts.entries())
      for (const [i, r] of this.#hard.entries())
        this.#room[host * width + i] = accepts
          ? capacity[r]! * (1 + 1e-9) - used[r]!
          : Number.NEGATIVE_INFINITY
    this.#left = new Float64Array(this.#room.length)
  }

  takes(failed: number, vms: readonly number[]): boolean {
    const { model } = this
    const bound = (vm: number) =>
      model.groupOf[vm]! >= 0 || model.setsOf[vm]!.some((set) => model.sets[set]!.strict)
    if (this.#hard.length === 0 || vms.some(bound)) return false
    this.#left.set(this.#room)
    this.#left.fill(Number.NEGATIVE_INFINITY, failed * this.#hard.length, (failed + 1) * this.#hard.length)
    const [first] = this.#hard
    const sizeOf = (vm: number) => model.vms[vm]!.size[first!]!
    return [...vms].sort((a, b) => sizeOf(b) - sizeOf(a)).every((vm) => this.#put(vm))
  }

  #put(vm: number): boolean {
    const { model } = this
    const { size } = model.vms[vm]!
    const allowed = model.allowed[vm]
    const width = this.#hard.length
    const left = this.#left
    let best = -1
    for (let host = 0; host < model.hosts.length; host += 1) {
      if (best >= 0 && left[host * width]! <= left[best * width]!) continue
      if (allowed && !allowed[host]) continue
      if (this.#hard.every((r, i) => size[r]! <= left[host * width + i]!)) best = host
    }
    if (best < 0) return false
    for (const [i, r] of this.#hard.entries()) left[best * width + i]! -= size[r]!
    return true
  }
}

/** Hosts that differ in name alone, run the same sizes and are in no rule are of one kind. */
function kindsOf(
  model: Model,
  onHost: readonly (readonly number[])[],
  hosts: readonly number[],
): Map<number, string> {
  const ruled = new Set<number>()
  for (const rule of model.rules) for (const { host } of rule.hosts) ruled.add(host)
  const bound = (vm: number) =>
    model.groupOf[vm]! >= 0 || model.setsOf[vm]!.length > 0 || model.hostRulesOf[vm]!.length > 0
  for (const [vm, { at, towards = -1 }] of model.vms.entries())
    if (bound(vm)) for (const host of [at, towards]) ruled.add(host)
  const masks = new Map<Uint8Array, number>()
  for (const { eligible } of model.vms) if (eligible && !masks.has(eligible)) masks.set(eligible, masks.size)
  const shared = [...masks.keys()]
  return new Map(
    hosts.map((host) => {
      if (ruled.has(host)) return [host, `host ${host}`]
      const { capacity, used, accepts } = model.hosts[host]!
      const sizes = onHost[host]!.map((vm) => {
        const { size, eligible } = model.vms[vm]!
        return `${size.join('x')}${eligible ? `m${masks.get(eligible)}` : ''}`
      })
      const open = shared.map((mask) => mask[host]).join('')
      return [host, [capacity, used, accepts, open, sizes.sort().join(' ')].join('|')]
    }),
  )
}

/** All sets of `size` of these, in the order given. */
function* combinationsOf(hosts: readonly number[], size: number): Iterable<number[]> {
  const chosen = [...Array(size).keys()]
  for (;;) {
    yield chosen.map((i) => hosts[i]!)
    let at = size - 1
    while (at >= 0 && chosen[at] === hosts.length - size + at) at -= 1
    if (at < 0) return
    chosen[at]! += 1
    for (let next = at + 1; next < size; next += 1) chosen[next] = chosen[next - 1]! + 1
  }
}
