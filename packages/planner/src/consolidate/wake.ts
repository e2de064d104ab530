import { shortfall } from './failover'
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

/** Wakes hosts, so that what is moved has somewhere to go, while those awake are too full even together. */
export function wakeForRisk(field: Field): void {
  if (field.evenRisk() <= field.goal.wakeRisk) return
  const worst = worstOf(field)
  if (worst < 0) return
  const standing = field.standing(worst)
  for (const host of wakeable(field)) {
    rouse(field, host, { code: 'demand', standing })
    if (field.evenRisk() <= field.goal.wakeRisk) return
  }
}

/** Wakes hosts that are missing for the reserve. */
export function wakeReserve(field: Field, missing: number): void {
  const { hosts, share } = field.goal.reserve
  const needed = Math.max(hosts, Math.ceil(share * field.score().awake - 1e-9))
  for (const host of wakeable(field).slice(0, missing))
    rouse(field, host, { code: 'reserve', needed, free: needed - missing })
}

function worstOf(field: Field): number {
  let worst = field.awake.indexOf(1)
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
  // Whoever makes these moves has limits of his own.
  field.moves = Number.NEGATIVE_INFINITY
  field.bytes = Number.NEGATIVE_INFINITY
  for (const host of sortedBy(risky, (one) => field.calm(one), field))
    if (field.mayGoOn()) ease(field, host, 'risk')
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

/** As few more as make the failures survivable; where none do, those that leave fewer VMs without a place. */
function forFailover(field: Field): void {
  const { failures } = field.goal
  const missing = shortfall(field)
  if (!missing) return
  const { failed, down } = missing
  const before = withoutPlace(field)
  const woken: number[] = []
  let best = before
  for (const host of wakeable(field)) {
    field.wake(host)
    woken.push(host)
    best = withoutPlace(field)
    if (best === 0 || !field.mayGoOn()) break
  }
  if (best >= before) {
    for (const host of woken) field.sleep(host)
    return
  }
  for (const host of woken) {
    field.sleep(host)
    // Without the time to find out which of them are needed, all are woken.
    if (!field.mayGoOn() || withoutPlace(field) > best)
      rouse(field, host, { code: 'failover', failures, failed, down })
  }
}

/** How many VMs the worst failure leaves without a place, and how many hosts are missing for it. */
function withoutPlace(field: Field): number {
  const missing = shortfall(field, true)
  return missing ? missing.down.length + missing.hosts : 0
}
