import { tolerates } from '../survive/tolerates'
import type { Field } from './field'
import type { WakeReason } from './goal'
import { ease, sortedBy } from './relieve'

/** Hosts that sleep and may be woken, the most efficient first. */
export function wakeable(field: Field): number[] {
  const { hosts } = field.input
  const asleep = [...hosts.keys()].filter(
    (host) => !field.awake[host] && hosts[host]!.mayWake && field.model.hosts[host]!.accepts,
  )
  return sortedBy(asleep, (host) => field.price(host), field)
}

/** Wakes what has to be awake: what is to be kept so, what the demand needs, what a failure would. */
export function wake(field: Field): void {
  for (const host of field.goal.keepAwake)
    if (!field.awake[host] && field.input.hosts[host]!.mayWake) rouse(field, host, { code: 'kept' })
  if (field.goal.relieve !== 'risk') forDemand(field)
  forFailover(field)
}

/** Wakes hosts, so that what is moved has somewhere to go, while those awake are too full together. */
export function wakeForRisk(field: Field): void {
  let risk = field.meanRisk()
  if (risk <= field.goal.wakeRisk) return
  const worst = worstOf(field)
  for (const host of wakeable(field)) {
    rouse(field, host, { code: 'demand', standing: field.standing(worst) })
    risk = field.meanRisk()
    if (risk <= field.goal.wakeRisk) return
  }
}

function worstOf(field: Field): number {
  let worst = 0
  for (let host = 0; host < field.awake.length; host += 1)
    if (field.awake[host] && field.calm(host) < field.calm(worst)) worst = host
  return worst
}

function rouse(field: Field, host: number, why: WakeReason): void {
  field.wake(host)
  field.steps.push({ kind: 'wake', host, watts: field.watts(host), moves: [], bytes: 0, why })
}

/** Whoever moves the VMs: a host that is at risk, and that the hosts awake cannot relieve, needs another one. */
function forDemand(field: Field): void {
  const { goal, awake } = field
  const risky = [...awake.keys()].filter((host) => awake[host] && field.calm(host) < goal.wakeCalm)
  if (risky.length === 0) return
  const kept = { steps: field.steps.length, moves: field.moves, bytes: field.bytes }
  for (const host of sortedBy(risky, (one) => field.calm(one), field)) ease(field, host, 'risk')
  const tried = field.steps.splice(kept.steps)
  field.moves = kept.moves
  field.bytes = kept.bytes
  for (const step of tried.toReversed())
    for (const { vm, from } of step.moves.toReversed()) {
      const unit = field.units[field.layout.at[vm]!]!.find(({ vms }) => vms[0] === vm)
      if (unit) field.go(unit, from)
    }
  for (const step of tried) if (step.kind === 'wake') field.steps.push(step)
}

function forFailover(field: Field): void {
  const { failures } = field.goal
  if (failures <= 0) return
  let { ok, worst } = tolerates(field.asModel(), failures, { findWorst: false })
  for (const host of wakeable(field)) {
    if (ok || !worst) return
    const { failed, down } = worst
    field.wake(host)
    const next = tolerates(field.asModel(), failures, { findWorst: false })
    if (
      !next.ok &&
      next.worst &&
      next.worst.down.length >= down.length &&
      sameFailure(next.worst.failed, failed)
    )
      field.sleep(host)
    else rouse(field, host, { code: 'failover', failures, failed, down })
    ;({ ok, worst } = next)
  }
}

function sameFailure(a: readonly number[], b: readonly number[]): boolean {
  return a.join() === b.join()
}
