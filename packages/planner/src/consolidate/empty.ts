import type { Unit } from '../model/unit'
import { shortfall } from './failover'
import type { Field } from './field'
import type { ConsolidationMove, Standing, StayReason } from './goal'
import { none, unknown } from './movable'
import { polish } from './polish'

interface Stay {
  host: number
  why: StayReason
}

/** One host emptied, as tried: where its units went. */
interface Emptied {
  host: number
  went: { unit: Unit; to: number }[]
  savedWatts: number
  /** How it stood before. */
  standing: Standing
}

/** So many hosts are asked one by one once the rest have been emptied together. */
const askedAlone = 64

/**
 * Empties and switches off as many hosts as the rest can stand in for. Answers why the others stay, and how many hosts are missing
 * for the reserve.
 */
export function empty(field: Field): { stays: Stay[]; missing: number } {
  const stays: Stay[] = []
  const candidates: number[] = []
  for (const host of field.awake.keys()) {
    if (!field.awake[host]) continue
    const why = forbidden(field, host)
    if (why) stays.push({ host, why })
    else candidates.push(host)
  }
  // The worst to keep come first: those that need most power for their work, then those with the least to move.
  candidates.sort(
    (a, b) =>
      field.price(b) - field.price(a) ||
      field.units[a]!.length - field.units[b]!.length ||
      field.nameRank[a]! - field.nameRank[b]!,
  )
  const together = mostTogether(field, candidates, stays)
  // This has been tried, and is within the time it took then.
  const emptied = attempt(field, candidates.slice(0, together), () => true).emptied
  polish(
    field,
    emptied.flatMap(({ went }) => went),
  )
  // What has been brought is not carried on.
  const brought = new Set(emptied.flatMap(({ went }) => went.map(({ to }) => to)))
  for (const [i, host] of candidates.slice(together).entries()) {
    if (!field.mayGoOn()) break
    const one = i < askedAlone ? alone(field, host, emptied) : ({ code: 'room', vm: null } as const)
    if (one === noTime) break
    if ('code' in one) stays.push({ host, why: one })
    else if (brought.has(host)) {
      undo(field, [one])
      stays.push({ host, why: { code: 'kept' } })
    } else {
      emptied.push(one)
      for (const { to } of one.went) brought.add(to)
    }
  }
  const missing = keepReserve(field, emptied, stays)
  for (const one of emptied) commit(field, one)
  return { stays: stays.sort((a, b) => a.host - b.host), missing }
}

/** How many of these, from the first, can be emptied together. One that cannot be even alone is taken out, with the reason. */
function mostTogether(field: Field, candidates: number[], stays: Stay[]): number {
  for (let asked = 0; ; asked += 1) {
    let low = 0
    let high = candidates.length
    while (low < high && field.mayGoOn()) {
      const middle = Math.ceil((low + high) / 2)
      const { emptied } = attempt(field, candidates.slice(0, middle))
      const fine = emptied.length === middle && against(field, emptied, emptied.at(-1)!) === null
      undo(field, emptied)
      if (fine) low = middle
      else high = middle - 1
    }
    if (low === candidates.length || asked === askedAlone || !field.mayGoOn()) return low
    const host = candidates[low]!
    const one = alone(field, host, [])
    if (one === noTime) return low
    if ('went' in one) {
      undo(field, [one])
      return low
    }
    stays.push({ host, why: one })
    candidates.splice(low, 1)
  }
}

/** The last ones stay awake as the reserve. Answers how many are missing for it. */
function keepReserve(field: Field, emptied: Emptied[], stays: Stay[]): number {
  const { hosts, share } = field.goal.reserve
  const { awake } = field.score()
  const needed = Math.max(hosts, Math.ceil(share * awake - 1e-9))
  const free = emptied.length
  for (const one of emptied.splice(Math.max(0, free - needed)).toReversed()) {
    undo(field, [one])
    stays.push({ host: one.host, why: { code: 'reserve', needed, free } })
  }
  return Math.max(0, needed - free)
}

function forbidden(field: Field, host: number): StayReason | null {
  const { goal, input } = field
  const row = input.hosts[host]!
  if (goal.keepAwake.includes(host)) return { code: 'kept' }
  if (!row.maySleep) return { code: 'mayNot' }
  if (field.steps.some((step) => step.host === host || step.moves.some(({ to }) => to === host)))
    return { code: 'kept' }
  if (row.sinceAt !== undefined && input.at !== undefined && row.sinceAt + goal.dwellMs > input.at)
    return { code: 'dwell', untilAt: row.sinceAt + goal.dwellMs }
  const stuck = field.stuck[host]!
  if (stuck !== none) return { code: 'stuck', vm: stuck === unknown ? null : stuck }
  return null
}

/** Nobody is told: what could not be looked at has no reason. */
const noTime: StayReason = { code: 'room', vm: null }

/** Empties these hosts onto the others, all or as many as can be: one that cannot be emptied stays as it is. */
function attempt(
  field: Field,
  hosts: readonly number[],
  mayGoOn = field.mayGoOn,
): { emptied: Emptied[]; failed: StayReason | null } {
  const accepts = hosts.map((host) => field.layout.accepts[host]!)
  for (const host of hosts) field.layout.accepts[host] = 0
  const emptied: Emptied[] = []
  let failed: StayReason | null = null
  for (const [i, host] of hosts.entries()) {
    const one = mayGoOn() ? emptyOne(field, host) : noTime
    if ('code' in one) {
      failed = one
      for (let j = i; j < hosts.length; j += 1) field.layout.accepts[hosts[j]!] = accepts[j]!
      break
    }
    emptied.push(one)
  }
  return { emptied, failed }
}

function emptyOne(field: Field, host: number): Emptied | StayReason {
  const before = field.watts(host)
  const standing = field.standing(host)
  const units = [...field.units[host]!].sort(
    (a, b) => weight(field, b) - weight(field, a) || (nameOf(field, a) < nameOf(field, b) ? -1 : 1),
  )
  const went: Emptied['went'] = []
  let rise = 0
  for (const unit of units) {
    const to = bestTarget(field, unit)
    if (to < 0) {
      for (const one of went.toReversed()) field.go(one.unit, host)
      return { code: 'room', vm: unit.vms[0]! }
    }
    const was = field.watts(to)
    field.go(unit, to)
    rise += field.watts(to) - was
    went.push({ unit, to })
  }
  field.sleep(host)
  const savedWatts = before - field.watts(host) - rise
  const costJoules = went.reduce((sum, { unit }) => sum + unit.vms.length, 0) * field.goal.joulesPerMove
  const savedJoules = (savedWatts * field.goal.horizonMs) / 1000
  const result = { host, went, savedWatts, standing }
  if (savedJoules > costJoules) return result
  undo(field, [result])
  return { code: 'worth', savedJoules, costJoules }
}

function weight(field: Field, unit: Unit): number {
  const { mean, variance } = field.load(unit)
  let sum = 0
  for (let m = 0; m < mean.length; m += 1) sum += mean[m]! + Math.sqrt(variance[m]!)
  return sum
}

function nameOf(field: Field, unit: Unit): string {
  return field.model.vms[unit.vms[0]!]!.name
}

/** The host that stays calmest with it. */
function bestTarget(field: Field, unit: Unit): number {
  const { layout, goal } = field
  const load = field.load(unit)
  let best = -1
  let most = goal.sleepCalm
  for (let to = 0; to < layout.accepts.length; to += 1) {
    if (!layout.accepts[to]) continue
    const calm = field.calm(to, load)
    if (calm < most || (calm === most && best >= 0 && field.nameRank[to]! > field.nameRank[best]!)) continue
    if (field.overWith(to, load, 1) > 0 || !field.mayGo(unit, to)) continue
    best = to
    most = calm
  }
  return best
}

function undo(field: Field, emptied: readonly Emptied[]): void {
  for (const { host, went } of emptied.toReversed()) {
    field.wake(host)
    for (const { unit } of went.toReversed()) field.go(unit, host)
  }
}

function movesOf(field: Field, { host, went }: Emptied): ConsolidationMove[] {
  return went.flatMap(({ unit, to }) => field.movesOf(unit, host, to))
}

/** What speaks against the state as it is now, with these emptied; `last` is the one that is asked about. */
function against(field: Field, emptied: readonly Emptied[], last: Emptied): StayReason | null {
  const { sleepRisk, maxMoves, maxBytes, keepMoves, failures } = field.goal
  if (field.meanRisk() > sleepRisk) return { code: 'room', vm: null }
  const moves = emptied.flatMap((one) => movesOf(field, one))
  if (field.moves + moves.length > maxMoves - keepMoves || field.bytes + bytesOf(moves) > maxBytes) {
    const own = movesOf(field, last)
    return { code: 'limit', moves: own.length, bytes: bytesOf(own) }
  }
  const missing = shortfall(field)
  return missing && { code: 'failover', failures, failed: missing.failed, down: missing.down }
}

function bytesOf(moves: readonly ConsolidationMove[]): number {
  return moves.reduce((sum, { bytes }) => sum + bytes, 0)
}

function commit(field: Field, one: Emptied): void {
  const moves = movesOf(field, one)
  const bytes = bytesOf(moves)
  field.moves += moves.length
  field.bytes += bytes
  const { host, savedWatts, standing } = one
  field.steps.push({ kind: 'sleep', host, moves, bytes, savedWatts, why: { code: 'spare', standing } })
}

/** Empties one host more than those, or says why not. */
function alone(field: Field, host: number, besides: readonly Emptied[]): Emptied | StayReason {
  const { emptied, failed } = attempt(field, [host])
  const one = emptied[0]
  if (!one) return failed!
  const why = against(field, [...besides, one], one)
  if (!why) return one
  undo(field, [one])
  return why
}
