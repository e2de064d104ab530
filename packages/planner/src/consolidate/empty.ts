import type { Unit } from '../model/unit'
import { tolerates } from '../survive/tolerates'
import { type Field, none, unknown } from './field'
import type { ConsolidationMove, StayReason } from './goal'
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
}

/** So many hosts are asked one by one once the rest have been emptied together. */
const askedAlone = 64

/** Empties and switches off as many hosts as the rest can stand in for. Answers why the others stay. */
export function empty(field: Field): Stay[] {
  const stays: Stay[] = []
  const candidates: number[] = []
  for (const host of field.awake.keys()) {
    if (!field.awake[host]) continue
    const why = forbidden(field, host)
    if (why) stays.push({ host, why })
    else candidates.push(host)
  }
  // The worst to keep come first: those that need most power for their work, then those with the least to move.
  const byPrice = [...candidates].sort(
    (a, b) =>
      field.price(b) - field.price(a) ||
      movesOff(field, a) - movesOff(field, b) ||
      field.nameRank[a]! - field.nameRank[b]!,
  )
  let low = 0
  let high = byPrice.length
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    const tried = attempt(field, byPrice.slice(0, middle))
    const fine = tried.emptied.length === middle && within(field, tried.emptied) && safe(field) === null
    undo(field, tried.emptied)
    if (fine) low = middle
    else high = middle - 1
  }
  const { emptied } = attempt(field, byPrice.slice(0, low))
  polish(
    field,
    emptied.flatMap(({ went }) => went),
  )
  for (const one of emptied) commit(field, one)
  for (const [i, host] of byPrice.slice(low).entries()) {
    // What has only just been brought is not carried on.
    const brought = field.steps.some((step) => step.moves.some(({ to }) => to === host))
    const why: StayReason =
      i < askedAlone && !brought ? (alone(field, host) ?? { code: 'kept' }) : { code: 'room', vm: null }
    if (field.awake[host]) stays.push({ host, why })
  }
  return stays.sort((a, b) => a.host - b.host)
}

function movesOff(field: Field, host: number): number {
  return field.units[host]!.length
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

/** Empties these hosts onto the others, all or as many as can be: one that cannot be emptied stays as it is. */
function attempt(field: Field, hosts: readonly number[]): { emptied: Emptied[]; failed: StayReason | null } {
  const accepts = hosts.map((host) => field.layout.accepts[host]!)
  for (const host of hosts) field.layout.accepts[host] = 0
  const emptied: Emptied[] = []
  let failed: StayReason | null = null
  for (const [i, host] of hosts.entries()) {
    const one = emptyOne(field, host)
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
  const result = { host, went, savedWatts }
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

function within(field: Field, emptied: readonly Emptied[]): boolean {
  if (field.meanRisk() > field.goal.sleepRisk) return false
  const moves = emptied.flatMap((one) => movesOf(field, one))
  const bytes = moves.reduce((sum, move) => sum + move.bytes, 0)
  return (
    field.moves + moves.length <= field.goal.maxMoves - field.goal.keepMoves &&
    field.bytes + bytes <= field.goal.maxBytes
  )
}

/** What speaks against the state as it would be. */
function safe(field: Field): StayReason | null {
  const { failures } = field.goal
  if (failures <= 0) return null
  const { ok, worst } = tolerates(field.asModel(), failures)
  if (ok) return null
  return { code: 'failover', failures, failed: worst?.failed ?? [], down: worst?.down ?? [] }
}

function commit(field: Field, one: Emptied): void {
  const moves = movesOf(field, one)
  const bytes = moves.reduce((sum, move) => sum + move.bytes, 0)
  field.moves += moves.length
  field.bytes += bytes
  const standing = field.standing(one.host)
  field.steps.push({
    kind: 'sleep',
    host: one.host,
    moves,
    bytes,
    savedWatts: one.savedWatts,
    why: { code: 'spare', standing },
  })
}

/** Tries to empty one host more. Null: it sleeps now. */
function alone(field: Field, host: number): StayReason | null {
  const tried = attempt(field, [host])
  const one = tried.emptied[0]
  if (!one) return tried.failed
  const moves = movesOf(field, one)
  const bytes = moves.reduce((sum, move) => sum + move.bytes, 0)
  const why = within(field, [one]) ? safe(field) : { code: 'limit' as const, moves: moves.length, bytes }
  if (why) {
    undo(field, [one])
    return why
  }
  commit(field, one)
  return null
}
