import type { BacktestSide, LoadPicture, LoadRules } from '@drover/model'
import { wattsAt } from '../consolidate/power'
import { BrokenRules } from './broken'
import type { Estate } from './estate'
import { stepMs } from './recorded'

/** A migration copies memory: so much of what its VM uses comes on top, on both hosts. */
const moveCost = 0.1
const minutes = stepMs / 60_000

/** What both sides are measured by: the limit and the rules that are asked about. */
export type Yardstick = Pick<LoadRules, 'rules'> & { limit: number }

/** Figures of one side, a day or all of it. Means are kept as sums until `sideOf`. */
export interface Sums extends BacktestSide {
  steps: number
}

export const noSums = (): Sums => ({
  steps: 0,
  moves: 0,
  bytes: 0,
  sleeps: 0,
  wakes: 0,
  overloadMinutes: 0,
  starvedCoreMinutes: 0,
  energyWh: 0,
  ruleViolationMinutes: 0,
  meanSpreadCpu: 0,
  meanSpreadMemory: 0,
})

export function addSums(to: Sums, more: Sums): void {
  for (const key of Object.keys(to) as (keyof Sums)[]) to[key] += more[key]
}

/** Rounded, so that they read well and two runs are compared at a glance; they are the same anyway. */
export function sideOf({ steps, meanSpreadCpu, meanSpreadMemory, ...sums }: Sums): BacktestSide {
  const mean = (sum: number) => (steps > 0 ? Math.round((sum / steps) * 1e4) / 1e4 : 0)
  return {
    ...sums,
    starvedCoreMinutes: Math.round(sums.starvedCoreMinutes * 100) / 100,
    energyWh: Math.round(sums.energyWh),
    meanSpreadCpu: mean(meanSpreadCpu),
    meanSpreadMemory: mean(meanSpreadMemory),
  }
}

/** Measures what happens in a step: with the loads that were, where VMs are. */
export class Meter {
  readonly #cpu: Float64Array
  readonly #memory: Float64Array
  readonly #broken: BrokenRules
  readonly #picture: LoadPicture

  constructor(
    private readonly estate: Estate,
    private readonly yardstick: Yardstick,
  ) {
    this.#picture = estate.recorded.picture
    this.#cpu = new Float64Array(this.#picture.hosts.length)
    this.#memory = new Float64Array(this.#picture.hosts.length)
    this.#broken = new BrokenRules(yardstick.rules, this.#picture)
  }

  step(sums: Sums): void {
    const { estate } = this
    this.#loads()
    const shares: { cpu: number; memory: number }[] = []
    for (const [host, { cores, memoryBytes, power, accepts }] of this.#picture.hosts.entries()) {
      const off = this.#offShare(host)
      const cpu = cores > 0 ? this.#cpu[host]! / cores : 0
      const memory = memoryBytes > 0 ? this.#memory[host]! / memoryBytes : 0
      sums.energyWh += ((1 - off) * wattsAt(power, cpu) + off * power.asleepWatts) * (minutes / 60)
      if (off === 1) continue
      if (Math.max(cpu, memory) > this.yardstick.limit) sums.overloadMinutes += minutes
      sums.starvedCoreMinutes += Math.max(0, this.#cpu[host]! - cores) * minutes
      if (accepts && estate.standby[host] === 'awake') shares.push({ cpu, memory })
    }
    sums.meanSpreadCpu += deviation(shares.map(({ cpu }) => cpu))
    sums.meanSpreadMemory += deviation(shares.map(({ memory }) => memory))
    sums.ruleViolationMinutes += this.#broken.count(estate.at) * minutes
    sums.steps += 1
  }

  #loads(): void {
    const { seen, at, flights, standby } = this.estate
    for (const host of this.#cpu.keys()) {
      const base = standby[host] === 'asleep' ? { cpu: 0, memory: 0 } : this.estate.base(host)
      this.#cpu[host] = base.cpu
      this.#memory[host] = base.memory
    }
    for (let vm = 0; vm < at.length; vm += 1) {
      const host = at[vm]!
      if (host < 0) continue
      this.#cpu[host]! += seen.cpu[vm]!
      this.#memory[host]! += seen.memory[vm]!
    }
    for (const { vm, from, to, startAt, endAt } of flights) {
      const cpu = seen.cpu[vm]!
      const share = (moment: number) => Math.min(1, Math.max(0, (moment - seen.now) / stepMs))
      const [began, arrived] = [share(startAt), share(endAt)]
      this.#cpu[from]! -= (1 - arrived) * cpu
      this.#cpu[to]! += (1 - arrived) * cpu
      for (const host of [from, to]) this.#cpu[host]! += (arrived - began) * moveCost * cpu
      // Its memory is held on both until it has arrived.
      this.#memory[to]! += seen.memory[vm]!
      if (arrived < 1) this.#memory[from]! -= seen.memory[vm]!
    }
  }

  /** For how much of the step a host is off. */
  #offShare(host: number): number {
    const { standby, standbySince, now } = this.estate
    if (standby[host] !== 'asleep') return 0
    return Math.min(1, Math.max(0, (now + stepMs - standbySince[host]!) / stepMs))
  }
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / (values.length || 1)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length || 1))
}
