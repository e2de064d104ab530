import {
  type ChangeEvent,
  type Host,
  type HostId,
  type Refusal,
  refOf,
  sayRefusals,
  type TaskPlan,
  type Vm,
  verdict,
  type World,
} from '@drover/model'
import type { Definition } from '@drover/protocol'
import { decideWake, planWake } from '../host/wake'
import { checkAdmission } from '../plan/admission'
import { choosePlaces } from '../plan/choosePlaces'
import { isAsleep } from '../power/watts'
import { sourceOf } from '../recover/source'
import { checkRules } from '../rule/check'
import { dataOf, type Flow, interrupted, maxTries, type Scene, send, triesOf } from '../task/flow'
import { hostOf, hostRef, pathOn, tasksOn } from '../world/find'
import { freeMemoryBytes, mayOvercommit, usableMemoryBytes } from '../world/room'
import { homed, leftBehind } from './restart'

type Starting = Scene<'vm.start'>

/**
 * How a VM is powered on whose home sleeps: on another host that is awake and can take it as it is, or else at home, which is
 * woken for it. `against`: what holds for it wherever it is started.
 */
export function planAsleep(world: World, vm: Vm, home: Host, against: readonly Refusal[]): TaskPlan {
  const plan = { what: 'vm.start' as const, vm: refOf(vm), method: null, expectedMs: null }
  const place = placeAwake(world, vm)
  if (place) {
    const { refusals, warning } = checkAdmission(world, vm, place)
    const host = hostRef(world, place)
    const steps = [
      { name: 'define' as const, host },
      { name: 'start' as const, host },
    ]
    return { ...plan, steps, target: host, warning, verdict: verdict([...against, ...refusals]) }
  }
  const wake = planWake(world, home)
  const waking = isWaking(world, home) || wake.verdict.ok ? [] : wake.verdict.refusals
  const self = refOf(home)
  return {
    ...plan,
    steps: [
      { name: 'wake up', host: self },
      { name: 'start', host: self },
    ],
    target: null,
    expectedMs: wake.expectedMs,
    warning: null,
    verdict: verdict([...against, ...waking, ...checkRules(world, vm, home), ...checkRoom(world, vm, home)]),
  }
}

/** A host that is awake and can run it with its disks where they are. */
function placeAwake(world: World, vm: Vm): HostId | null {
  const place = choosePlaces(world, [vm], { purpose: 'restart', lean: () => null }).get(vm.id)
  return place && 'hostId' in place ? place.hostId : null
}

function checkRoom(world: World, vm: Vm, home: Host): Refusal[] {
  const freeBytes = Math.min(freeMemoryBytes(world, home), usableMemoryBytes(home))
  if (!home.facts || vm.memoryBytes <= freeBytes || mayOvercommit(world, vm.clusterId)) return []
  return [{ code: 'memory_short', vm: refOf(vm), host: refOf(home), neededBytes: vm.memoryBytes, freeBytes }]
}

function isWaking(world: World, home: Host): boolean {
  return tasksOn(world, home.id).some(
    ({ kind, host }) => host?.id === home.id && (kind === 'host.wake' || kind === 'host.powerOn'),
  )
}

/**
 * Has its home woken, by a task of its own that others may wait for as well, and waits for it. A task that finds that its
 * home was not woken, after it had asked for it, says why.
 */
export function wakeHome(scene: Starting, vm: Vm): Flow {
  const { world, task, ctx } = scene
  const home = hostOf(world, vm.hostId)
  if (task.state === 'cancelling')
    return {
      flow: 'finish',
      state: 'cancelled',
      outcome: { code: 'cancelled', vm: refOf(vm), where: refOf(home) },
    }
  const wait = (events: ChangeEvent[] = []): Flow => ({
    flow: 'wait',
    waiting: { code: 'host_wakes', host: refOf(home) },
    untilAt: null,
    ...(events.length > 0 ? { events, memo: { asked: true } } : {}),
  })
  if (home.state === 'connected') {
    if (world.live.get(home.id)?.reportedAt == null) return wait()
    if (home.mode === 'normal') return { flow: 'next' }
    return refused([{ code: 'host_maintenance', host: refOf(home), reason: home.modeReason }])
  }
  if (!isAsleep(home)) {
    if (home.state === 'fenced') return refused([{ code: 'host_fenced', host: refOf(home) }])
    return wait()
  }
  if (isWaking(world, home)) return wait()
  if (task.memo.asked === true) {
    const cause = home.standby?.failed?.why ?? 'its waking was called off'
    return { flow: 'finish', state: 'failed', outcome: { code: 'not_woken', host: refOf(home), cause } }
  }
  const why = `${vm.name} is to be started, and has no place elsewhere`
  const input = { hostId: home.id, why, decisionId: null, reason: task.reason }
  const woken = decideWake(world, input, { ...ctx, initiator: task.initiator })
  return woken.ok ? wait(woken.change) : refused(woken.refusals)
}

/**
 * Defines it on the host that takes it, from the definition that control keeps, and moves its home there: before it is
 * started, so that the row names the only host that may run it. The sleeping one gives its definition up when it is back.
 */
export function defineAwake(scene: Starting, vm: Vm): Flow {
  const { world, said, definition, task, now } = scene
  const target = hostOf(world, task.params.targetId!)
  const failed = (why: readonly Refusal[] | string): Flow => {
    const events = leftBehind(world, task, vm, scene.ctx)
    const sentence = typeof why === 'string' ? why : sayRefusals(why)
    return { flow: 'finish', state: 'failed', outcome: { code: 'refused', sentence }, events }
  }
  if (said?.result.ok) return { flow: 'next', events: homed(scene, vm, target, dataOf<Definition>(said)) }
  if (said && !(interrupted(said) && triesOf(scene) < maxTries) && !said.result.ok)
    return failed(`${target.name} could not take ${vm.name}: ${said.result.message}`)
  if (target.state !== 'connected' || target.mode !== 'normal')
    return failed([{ code: 'host_silent', host: refOf(target), sinceAt: target.stateSince }])
  const source = sourceOf(world, vm, vm.hostId, now, target.id)
  if (source.may === 'no') return failed(source.why)
  if (source.may === 'wait')
    return { flow: 'wait', waiting: { code: 'agent_back', host: refOf(source.host) }, untilAt: now + 1_000 }
  const diskPaths = vm.disks.flatMap((disk) => pathOn(target, disk) ?? [])
  if (!definition || diskPaths.length < vm.disks.length)
    return failed(
      `${target.name} cannot take ${vm.name}: its definition or one of its datastores is not there.`,
    )
  const { format, text, sha256 } = definition
  const from = { kind: 'definition', definition: { format, text, sha256 }, diskPaths } as const
  const tries = triesOf(scene) + (said ? 1 : 0)
  return send(target.id, { kind: 'vm.define', uuid: vm.uuid, from }, { memo: { defined: true, tries } })
}

function refused(why: readonly Refusal[]): Flow {
  return { flow: 'finish', state: 'failed', outcome: { code: 'refused', sentence: sayRefusals([...why]) } }
}
