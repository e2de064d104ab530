import {
  type DecisionMove,
  type DecisionPower,
  type DecisionState,
  type LoadDecision,
  type LoadScore,
  type PartState,
  sayBytes,
  sayCount,
  sayDuration,
  sayList,
} from '@drover/model'
import type { Shown } from '../vm/state'

export const decisionShown: Record<DecisionState, Shown> = {
  open: { tone: 'warning', word: 'recommended' },
  running: { tone: 'working', word: 'being carried out' },
  done: { tone: 'ok', word: 'carried out' },
  failed: { tone: 'error', word: 'failed' },
  dismissed: { tone: 'off', word: 'dismissed' },
  superseded: { tone: 'off', word: 'overtaken' },
}

export const partShown: Record<PartState, Shown> = {
  open: { tone: 'off', word: 'to do' },
  running: { tone: 'working', word: 'under way' },
  done: { tone: 'ok', word: 'done' },
  failed: { tone: 'error', word: 'failed' },
  dropped: { tone: 'off', word: 'dropped' },
}

/** A move as pictures and tables need it: of a decision, or of a draft that nobody has saved. */
export type ShownMove = Pick<
  DecisionMove,
  'vm' | 'source' | 'target' | 'step' | 'bytes' | 'seconds' | 'before' | 'after' | 'text' | 'against'
> &
  Partial<Pick<DecisionMove, 'state' | 'why' | 'taskId'>>

/** `12.4 %` of a standard deviation: one digit, because whole ones hide what a move gains. */
export function saySpread(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

export function sayWatts(watts: number): string {
  return watts >= 10_000 ? `${(watts / 1_000).toFixed(1)} kW` : `${Math.round(watts).toLocaleString('en')} W`
}

export function sayWattHours(wattHours: number): string {
  if (wattHours >= 1e6) return `${(wattHours / 1e6).toFixed(1)} MWh`
  if (wattHours >= 1e3) return `${(wattHours / 1e3).toFixed(1)} kWh`
  return `${Math.round(wattHours)} Wh`
}

export interface ScoreRow {
  name: string
  before: string
  after: string
  /** Whether what comes after is better, worse, or as before. */
  change: 'better' | 'worse' | 'same'
}

/** The score before and after, metric by metric. */
export function scoreRows(before: LoadScore, after: LoadScore): ScoreRow[] {
  const row = (name: string, say: (value: number) => string, was: number, is: number): ScoreRow => {
    const same = say(was) === say(is)
    return { name, before: say(was), after: say(is), change: same ? 'same' : is < was ? 'better' : 'worse' }
  }
  return [
    row('CPU apart', saySpread, before.cpu, after.cpu),
    row('Memory apart', saySpread, before.memory, after.memory),
    row('Overloaded hosts', String, before.overloaded.length, after.overloaded.length),
    row('Power drawn', sayWatts, before.watts, after.watts),
  ]
}

/** What moves cost: how much is copied, and for how long. Steps go one after the other, the moves of one side by side. */
export function costOf(moves: readonly Pick<ShownMove, 'step' | 'bytes' | 'seconds'>[]): {
  bytes: number
  seconds: number
} {
  const steps = new Map<number, number>()
  for (const move of moves) steps.set(move.step, Math.max(steps.get(move.step) ?? 0, move.seconds))
  return {
    bytes: moves.reduce((sum, move) => sum + move.bytes, 0),
    seconds: [...steps.values()].reduce((sum, seconds) => sum + seconds, 0),
  }
}

/** `12.4 GiB, about 24 s`. */
export function sayCost(moves: readonly Pick<ShownMove, 'step' | 'bytes' | 'seconds'>[]): string {
  const { bytes, seconds } = costOf(moves)
  return `${sayBytes(bytes)}, about ${sayDuration(Math.max(1, Math.round(seconds)) * 1_000)}`
}

/** What is done, in a few words: `2 moves, esx-05 to sleep`. */
export function sayActs({
  moves,
  power,
}: {
  moves: readonly unknown[]
  power: readonly DecisionPower[]
}): string {
  const names = (act: DecisionPower['act']) =>
    power.filter((each) => each.act === act).map((each) => each.host.name)
  const [sleep, wake] = [names('sleep'), names('wake')]
  const parts = [
    ...(moves.length > 0 ? [sayCount(moves.length, 'move')] : []),
    ...(wake.length > 0 ? [`wake ${sayList(wake)}`] : []),
    ...(sleep.length > 0 ? [`put ${sayList(sleep)} to sleep`] : []),
  ]
  return parts.join(', ') || 'nothing'
}

/** What kind of rule decided: for the eye, beside its name. */
export function kindOf(by: Pick<LoadDecision['by'], 'id'>): 'balance' | 'power' | 'threshold' {
  return by.id === 'balance' || by.id === 'power' ? by.id : 'threshold'
}

/** In the order in which rules decide: each counts on what those before it want done. */
export function inPrecedence(decisions: readonly LoadDecision[]): LoadDecision[] {
  const rank = ({ by, power }: LoadDecision) => {
    const kind = kindOf(by)
    if (kind === 'power') return power.some(({ act }) => act === 'wake') ? 1 : 3
    return kind === 'threshold' ? 0 : 2
  }
  return [...decisions].sort((a, b) => rank(a) - rank(b) || a.at - b.at)
}

/** Those among the ones before it that a decision was worked out on top of. */
export function countedOn(decision: LoadDecision, before: readonly LoadDecision[]): LoadDecision[] {
  return before.filter(({ at }) => at <= decision.at)
}
