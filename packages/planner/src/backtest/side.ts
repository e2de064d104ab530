import type { BacktestSide, LoadMemory, LoadRules, LoadVerdict } from '@drover/model'
import { judgeLoad } from '../load/judge'
import { Due, loadOf, roundMs } from './due'
import { Estate } from './estate'
import { addSums, Meter, noSums, type Sums, sideOf, type Yardstick } from './measure'
import { followed, type Recorded, stepMs } from './recorded'

export interface SideResult {
  total: BacktestSide
  /** By UTC day: `2026-11-22`. */
  days: { day: string; side: BacktestSide }[]
  /** Steps of which nothing was recorded, as stretches of time; they count for nothing. */
  unheard: { fromAt: number; toAt: number }[]
  steps: number
  /** How often the rules were asked. */
  asked: number
}

/** Thrown out of a run that is not to go on. */
export class Cancelled extends Error {
  constructor() {
    super('The backtest was cancelled.')
    this.name = 'Cancelled'
  }
}

/**
 * What these rules would have done over the recorded days; null: nobody does anything. At each step they see what is past
 * by then and nothing else. `mayGoOn` is told how much is done, 0 to 1, and says whether to go on. The same recording
 * gives the same figures.
 */
export function runSide(
  recorded: Recorded,
  rules: LoadRules | null,
  yardstick: Yardstick,
  mayGoOn: (share: number) => boolean = () => true,
): SideResult {
  const estate = new Estate(recorded)
  const meter = new Meter(estate, yardstick)
  const side = rules ? new Side(estate, followed(rules)) : null
  const days = new Map<string, Sums>()
  const result: SideResult = { total: sideOf(noSums()), days: [], unheard: [], steps: 0, asked: 0 }
  for (let step = 0; step < recorded.steps; step += 1) {
    const at = recorded.fromAt + step * stepMs
    if (step % 16 === 0 && !mayGoOn(step / recorded.steps)) throw new Cancelled()
    if (!estate.go(step)) {
      const last = result.unheard.at(-1)
      if (last?.toAt === at) last.toAt = at + stepMs
      else result.unheard.push({ fromAt: at, toAt: at + stepMs })
      continue
    }
    const day = new Date(at).toISOString().slice(0, 10)
    const sums = days.get(day) ?? noSums()
    days.set(day, sums)
    side?.step(sums)
    meter.step(sums)
  }
  const total = noSums()
  for (const [day, sums] of days) {
    addSums(total, sums)
    result.days.push({ day, side: sideOf(sums) })
  }
  mayGoOn(1)
  return { ...result, total: sideOf(total), steps: total.steps, asked: side?.asked ?? 0 }
}

/** So much of a plan is worked out: an hour's moves are a small part of it. */
const planRounds = 6
/** Hosts that are asked about when some could sleep. */
const sleepersAsked = 6

/** Rules at work. */
class Side {
  asked = 0
  readonly #due: Due
  readonly #rules: LoadRules
  #memory: LoadMemory = { moves: [], unevenSince: null, lowSince: null, aboveSince: {} }

  constructor(
    private readonly estate: Estate,
    rules: LoadRules,
  ) {
    const { balance } = rules
    const rounds = Math.max(1, Math.floor(roundMs / Math.max(stepMs, balance.holdMs)))
    this.#rules = { ...rules, balance: { ...balance, movesAtOnce: balance.movesAtOnce * rounds } }
    this.#due = new Due(estate, this.#rules)
  }

  step(sums: Sums): void {
    const { memory, why } = this.#due.look(this.#memory)
    this.#memory = memory
    const asks = (...parts: string[]) => why.some(({ part }) => parts.includes(part))
    if (why.length > 0) {
      this.asked += 1
      // What is urgent is worked out from things as they are; what was to come after is given up.
      if (asks('thresholds')) this.estate.callOff()
      const without: ('balance' | 'power')[] = []
      if (!asks('balance')) without.push('balance')
      if (!asks('wake', 'sleep')) without.push('power')
      const verdict = judgeLoad(this.estate.picture(), this.#asked(), memory, {
        without,
        explain: false,
        rounds: planRounds,
      })
      this.#memory = verdict.memory
      this.#due.came(why, (part) => this.#cameOf(part, verdict))
      this.#take(verdict, sums)
    }
    this.estate.run(this.estate.now + stepMs, (flights) => {
      for (const { vm, bytes, by, startAt } of flights) {
        const { id } = this.estate.recorded.picture.vms[vm]!
        this.#memory.moves.push({ vmId: id, at: startAt, bytes, by })
        sums.moves += 1
        sums.bytes += bytes
      }
    })
  }

  /** Few hosts fall asleep at once: those that have the least to be moved away are asked about, and the others are not. */
  #asked(): LoadRules {
    const { power } = this.#rules
    if (power.mode === 'off') return this.#rules
    const { standby, standbySince, now, recorded } = this.estate
    const { hosts } = recorded.picture
    const load = loadOf(this.estate)
    const may = (i: number) => power.hostIds?.includes(hosts[i]!.id) ?? true
    const candidates = [...hosts.keys()]
      .filter((i) => may(i) && standby[i] === 'awake' && now - standbySince[i]! >= power.dwellMs)
      .sort((a, b) => load[a]! - load[b]! || a - b)
      .slice(0, sleepersAsked)
    const others = [...hosts.keys()].filter((i) => may(i) && standby[i] !== 'awake')
    return {
      ...this.#rules,
      power: { ...power, hostIds: [...others, ...candidates].map((i) => hosts[i]!.id) },
    }
  }

  #cameOf(part: string, { proposals, memory }: LoadVerdict): 'nothing' | 'waits' | 'done' {
    const of = {
      thresholds: proposals.some(({ by }) => by !== 'balance' && by !== 'power'),
      balance: proposals.some(({ by }) => by === 'balance'),
      wake: proposals.some(({ wake }) => wake.length > 0),
      sleep: proposals.some(({ sleep }) => sleep.length > 0),
    }[part]
    if (of) return 'done'
    const waits =
      (part === 'balance' && memory.unevenSince !== null) || (part === 'sleep' && memory.lowSince !== null)
    return waits ? 'waits' : 'nothing'
  }

  /** Steps come one after the other, the moves of one at once; hosts go to sleep when they are empty. */
  #take({ proposals }: LoadVerdict, sums: Sums): void {
    const { estate } = this
    for (const { by, automatic, moves, sleep, wake } of proposals) {
      if (!automatic) continue
      for (const { host } of wake) estate.turn(host, 'waking', estate.now)
      sums.wakes += wake.length
      for (let i = 0; i < moves.length; ) {
        const parts = moves.filter(({ step }) => step === moves[i]!.step)
        const ms = 1_000 * Math.max(...parts.map(({ seconds }) => seconds))
        estate.queue.push({
          moves: parts.map(({ vm, from, to, bytes }) => ({ vm, from, to, bytes, by })),
          ms,
        })
        i += parts.length
      }
      for (const { host } of sleep) {
        estate.turn(host, 'falling asleep', estate.now)
        estate.queue.push({ sleep: host })
      }
      sums.sleeps += sleep.length
    }
  }
}
