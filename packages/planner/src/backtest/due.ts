import { type LoadHost, type LoadMemory, type LoadRules, withinWindows } from '@drover/model'
import { watch } from '../load/watch'
import { type Estate, usedOf } from './estate'

/** What came to nothing is looked at again after this, then after twice as long, up to the most. */
const againMs = { thresholds: 600_000, wake: 600_000, balance: 7_200_000, sleep: 3_600_000 }
/** From when on a need is so much greater that it is another question. */
const another = (depth: number): number => 1.25 * depth + 0.02
const mostMs = 12 * 3_600_000
/** Rounds of the balance within this long are put together. */
export const roundMs = 3_600_000
/** Needs within so much of the one at which a host is woken are worth a look. */
const nearly = 0.97

/** VMs that run on each host. */
export function loadOf({ at, seen, recorded }: Estate): Float64Array {
  const load = new Float64Array(recorded.picture.hosts.length)
  for (let vm = 0; vm < at.length; vm += 1) if (at[vm]! >= 0 && seen.runs[vm]) load[at[vm]!]! += 1
  return load
}

interface Loads {
  /** By host: of the last window, of half an hour, and at most in the coming hours. */
  cpu: Float64Array
  memory: Float64Array
  disk: Float64Array
  network: Float64Array
  level: Float64Array
  ahead: Float64Array
}

/** Parts of the rules, and what speaks for asking them; `depth` grows with the need. */
interface Reason {
  part: 'thresholds' | 'wake' | 'balance' | 'sleep'
  key: string
  depth: number
}

/**
 * Whether it is worth to ask the rules at a step. What is cheap to see is seen at each step: hosts above a threshold, an
 * uneven load, a need that hosts that are awake do not cover, or that fewer would. Rules decide on nothing else.
 */
export class Due {
  readonly #again = new Map<string, { at: number; waitMs: number; depth: number }>()
  readonly #rates: boolean

  constructor(
    private readonly estate: Estate,
    private readonly rules: LoadRules,
  ) {
    this.#rates = rules.thresholds.some(({ metric }) => metric === 'disk' || metric === 'network')
  }

  /** Keeps count of what is above a threshold, also while nothing may be moved; and why the rules are to be asked now. */
  look(memory: LoadMemory): { memory: LoadMemory; why: Reason[] } {
    const { estate, rules } = this
    const loads = this.#loads()
    const next = { ...memory, aboveSince: {} as LoadMemory['aboveSince'] }
    const why: Reason[] = []
    if (rules.balance.mode !== 'off') this.#above(loads, memory, next, why)
    this.#uneven(loads, next, why)
    this.#power(loads, next, why)
    const due = why.filter(({ part, key, depth }) => {
      if (estate.isBusy && (part === 'balance' || part === 'sleep')) return false
      const again = this.#again.get(key)
      if (again && again.at > estate.now && depth <= again.depth) return false
      return this.#hasHeld(part, next)
    })
    return { memory: next, why: due }
  }

  /** Hold times begin when the need is seen; the rules are asked when they are over. */
  #hasHeld(part: Reason['part'], memory: LoadMemory): boolean {
    const { balance, power } = this.rules
    const [since, holdMs] =
      part === 'balance' ? (['unevenSince', balance.holdMs] as const) : (['lowSince', power.holdMs] as const)
    if (part !== 'balance' && part !== 'sleep') return true
    memory[since] ??= this.estate.now
    return this.estate.now - memory[since] >= holdMs
  }

  /** What came of asking for these reasons: nothing at all, or something to wait for or to do. */
  came(why: readonly Reason[], of: (part: Reason['part']) => 'nothing' | 'waits' | 'done'): void {
    const { now } = this.estate
    for (const { part, key, depth } of why) {
      const came = of(part)
      if (came === 'nothing') {
        const waitMs = Math.min(mostMs, 2 * (this.#again.get(key)?.waitMs ?? againMs[part] / 2))
        this.#again.set(key, { at: now + waitMs, waitMs, depth: another(depth) })
      } else if (came === 'done' && part === 'balance') {
        this.#again.set(key, {
          at: now + roundMs,
          waitMs: againMs[part] / 2,
          depth: Number.POSITIVE_INFINITY,
        })
      } else this.#again.delete(key)
    }
  }

  #above(loads: Loads, memory: LoadMemory, next: LoadMemory, why: Reason[]): void {
    const { estate, rules } = this
    if (rules.thresholds.length === 0) return
    const { picture } = estate.recorded
    const hosts = picture.hosts.map((host, i): LoadHost => {
      const [cpu, memory, disk, network] = [
        loads.cpu[i]!,
        loads.memory[i]!,
        loads.disk[i]!,
        loads.network[i]!,
      ]
      return { ...host, used: usedOf(host, { cpu, memory, disk, network }), standby: estate.standby[i]! }
    })
    const vms = estate.flights.map(({ vm, from, to }) => ({ ...picture.vms[vm]!, at: from, towards: to }))
    const seen = { ...picture, at: estate.now, hosts, vms }
    for (const rule of rules.thresholds) {
      const { since, values } = watch(seen, rule, memory.aboveSince[rule.id] ?? {})
      next.aboveSince[rule.id] = since
      const due = hosts.flatMap(({ id }, i) => {
        const began = since[id]
        return began !== undefined && values[i]! > rule.above && estate.now - began >= rule.forMs ? [i] : []
      })
      if (due.length === 0) continue
      const depth = due.reduce((sum, i) => sum + values[i]! / rule.above - 1, 0)
      why.push({ part: 'thresholds', key: `${rule.id} ${due.join()}`, depth })
    }
  }

  #uneven({ level, memory }: Loads, next: LoadMemory, why: Reason[]): void {
    const { estate, rules } = this
    const { mode, aim, spread, limit, weights } = rules.balance
    if (mode === 'off') return
    const { hosts } = estate.recorded.picture
    let depth = 0
    for (const [loads, weight, of] of [
      [level, weights.cpu, 'cores'],
      [memory, weights.memory, 'memoryBytes'],
    ] as const) {
      if (weight === 0) continue
      const shares = hosts.flatMap((host, i) =>
        host.accepts && estate.standby[i] === 'awake' ? [loads[i]! / host[of]] : [],
      )
      if (shares.length < 2) continue
      const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length
      const apart = Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length)
      if (aim === 'spread' && apart > spread) depth += apart
      for (const share of shares) depth += Math.max(0, share - limit)
    }
    if (depth === 0) next.unevenSince = null
    else why.push({ part: 'balance', key: 'uneven', depth })
  }

  #power({ level, memory, ahead }: Loads, next: LoadMemory, why: Reason[]): void {
    const { power } = this.rules
    const { estate } = this
    const { hosts } = estate.recorded.picture
    const asleep = estate.standby.filter((is) => is === 'asleep').length
    if (power.mode === 'off') return
    const isAwake = (i: number) => hosts[i]!.accepts && estate.standby[i] === 'awake'
    const counted = [...hosts.keys()].filter((i) => isAwake(i) || estate.standby[i] === 'waking')
    const sum = (of: (host: number) => number) => counted.reduce((all, host) => all + of(host), 0)
    const cores = sum((i) => hosts[i]!.cores)
    const bytes = sum((i) => hosts[i]!.memoryBytes)
    const cpu = Math.max(
      sum((i) => level[i]!),
      sum((i) => ahead[i]!),
    )
    const used = sum((i) => memory[i]!)
    const open = withinWindows(power.windows, estate.now)
    const need = Math.max(cpu / cores, used / bytes)
    if (asleep > 0 && (need > power.wakeAbove * nearly || !open || counted.length < power.minAwake))
      why.push({ part: 'wake', key: `wake ${asleep}`, depth: need })
    const spare = counted.filter(
      (i) => isAwake(i) && hosts[i]!.wakeProven && (power.hostIds?.includes(hosts[i]!.id) ?? true),
    )
    const least = Math.min(...spare.map((i) => hosts[i]!.cores))
    const leastBytes = Math.min(...spare.map((i) => hosts[i]!.memoryBytes))
    const fill = power.fillTo / (1 + power.reserve)
    const free = Math.min(
      1 - cpu / (fill * (cores - least)),
      1 - used / (power.fillTo * (bytes - leastBytes)),
    )
    const load = loadOf(estate)
    const fewest = Math.min(...spare.map((i) => load[i]!))
    const { movesPerHour } = this.rules.balance.budget
    const lately = next.moves.filter(({ at }) => estate.now - at < roundMs).length
    const mayMove = movesPerHour === null || lately + fewest <= movesPerHour
    const isLow = mayMove && open && spare.length > 0 && counted.length > power.minAwake && free >= 0
    if (!isLow) next.lowSince = null
    else why.push({ part: 'sleep', key: 'low', depth: free })
  }

  #loads(): Loads {
    const { estate } = this
    const { seen, at } = estate
    const { hosts } = estate.recorded.picture
    const empty = () => new Float64Array(hosts.length)
    const loads: Loads = {
      cpu: empty(),
      memory: empty(),
      disk: empty(),
      network: empty(),
      level: empty(),
      ahead: empty(),
    }
    for (const host of hosts.keys()) {
      if (estate.standby[host] === 'asleep') continue
      const base = estate.base(host)
      loads.cpu[host] = base.cpu
      loads.level[host] = base.cpu
      loads.ahead[host] = base.cpu
      loads.memory[host] = base.memory
    }
    const { mode, wakeAheadMs, dwellMs } = this.rules.power
    const peaks = mode === 'off' ? null : seen.peaks(wakeAheadMs + dwellMs)
    for (let vm = 0; vm < at.length; vm += 1) {
      const host = at[vm]!
      if (host < 0 || !seen.runs[vm]) continue
      loads.cpu[host]! += seen.lastCpu[vm]!
      loads.memory[host]! += seen.lastMemory[vm]!
      loads.level[host]! += seen.level[vm]!
      if (peaks) loads.ahead[host]! += Math.max(peaks[vm]!, seen.level[vm]!)
      if (!this.#rates) continue
      loads.disk[host]! += seen.rate('diskMean', vm)
      loads.network[host]! += seen.rate('networkMean', vm)
    }
    return loads
  }
}
