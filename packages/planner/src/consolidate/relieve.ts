import type { Unit } from '../model/unit'
import type { Field } from './field'
import type { ConsolidationMove, Standing } from './goal'
import { wakeable } from './wake'

/** One move that helps, with what it costs by the measure by which moves are compared. */
interface Way {
  unit: Unit
  to: number
  cost: number
}

/** Moves VMs off hosts of which more is asked now than their limit, or probably will be: as few as will do. */
export function relieve(field: Field): void {
  const { goal } = field
  if (goal.relieve === 'no') return
  const hosts = [...field.awake.keys()].filter((host) => field.awake[host])
  const over = hosts.filter((host) => field.over(host) > 0)
  for (const host of sortedBy(over, (one) => -field.over(one), field))
    if (field.mayGoOn()) ease(field, host, 'overload')
  if (goal.relieve !== 'risk') return
  const risky = hosts.filter((host) => field.over(host) === 0 && field.calm(host) < goal.wakeCalm)
  for (const host of sortedBy(risky, (one) => field.calm(one), field))
    if (field.mayGoOn()) ease(field, host, 'risk')
}

/** Relieves one host; another one is woken where that is the only way. */
export function ease(field: Field, host: number, code: 'overload' | 'risk'): void {
  const { goal } = field
  const standing = field.standing(host)
  const bad = () => (code === 'overload' ? field.over(host) > 0 : field.calm(host) < goal.wakeCalm)
  const moves: ConsolidationMove[] = []
  while (bad()) {
    const way = best(field, host, code) ?? viaWaking(field, host, code, standing)
    if (!way) break
    const { unit, to } = way
    field.moves += unit.vms.length
    field.bytes += field.bytesOf(unit)
    field.go(unit, to)
    moves.push(...field.movesOf(unit, host, to))
  }
  if (moves.length === 0) return
  const bytes = moves.reduce((sum, move) => sum + move.bytes, 0)
  field.steps.push({ kind: 'relieve', host, moves, bytes, why: { code, standing } })
}

/** The best move off the host: one that is enough alone before others, and of those the one that adds the least risk. */
function best(field: Field, host: number, code: 'overload' | 'risk', only: number | null = null): Way | null {
  const { goal, awake } = field
  let way: Way | null = null
  const before = field.risk(host)
  for (const unit of field.units[host]!) {
    if (field.moves + unit.vms.length > goal.maxMoves) continue
    if (field.bytes + field.bytesOf(unit) > goal.maxBytes) continue
    const load = field.load(unit)
    const left =
      code === 'overload' ? field.overWith(host, load, -1) : goal.wakeCalm - field.calm(host, load, -1)
    if (code === 'overload' && load.now.every((now) => now <= 0)) continue
    const relief = before - field.risk(host, load, -1)
    for (let to = 0; to < awake.length; to += 1) {
      if (only !== null && to !== only) continue
      if (!awake[to] || to === host || field.overWith(to, load, 1) > 0) continue
      if (field.calm(to, load) < goal.wakeCalm) continue
      const cost =
        field.risk(to, load) -
        field.risk(to) -
        relief +
        Math.max(0, left) * insufficient +
        (field.bytesOf(unit) / 2 ** 30) * goal.riskPerGiB
      if (way && (cost > way.cost || (cost === way.cost && field.nameRank[to]! > field.nameRank[way.to]!)))
        continue
      if (!field.mayGo(unit, to)) continue
      way = { unit, to, cost }
    }
  }
  return way
}

/** A move that is not enough alone is worse than any that is. */
const insufficient = 100

/** Nobody who is awake can take anything: whether one who sleeps could. */
function viaWaking(field: Field, host: number, code: 'overload' | 'risk', standing: Standing): Way | null {
  for (const sleeper of wakeable(field).slice(0, 8)) {
    field.wake(sleeper)
    const way = best(field, host, code, sleeper)
    if (way) {
      field.steps.push({
        kind: 'wake',
        host: sleeper,
        watts: field.watts(sleeper),
        moves: [],
        bytes: 0,
        why: { code: 'demand', standing },
      })
      return way
    }
    field.sleep(sleeper)
  }
  return null
}

export function sortedBy(hosts: readonly number[], of: (host: number) => number, field: Field): number[] {
  const keys = new Map(hosts.map((host) => [host, of(host)]))
  return [...hosts].sort((a, b) => keys.get(a)! - keys.get(b)! || field.nameRank[a]! - field.nameRank[b]!)
}
