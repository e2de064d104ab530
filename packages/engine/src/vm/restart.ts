import {
  type ChangeEvent,
  type Host,
  type HostId,
  type Outcome,
  type Recovery,
  type Refusal,
  refOf,
  type StepName,
  sayRefusals,
  type Task,
  type TaskPlan,
  type Vm,
  type World,
} from '@drover/model'
import type { Definition, Inspection } from '@drover/protocol'
import type { Context } from '../context'
import { isWanted } from '../recover/down'
import { afterFailure, backoffMs, failuresOf, isExhausted } from '../recover/retry'
import { type Source, sourceOf } from '../recover/source'
import { sayWhy, tellVm } from '../recover/story'
import { dataOf, type Flow, interrupted, maxTries, type Said, type Scene, send, triesOf } from '../task/flow'
import type { Ending } from '../task/step'
import { Changes } from '../world/changes'
import { hostOf, hostRef, pathOn } from '../world/find'
import { freeMemoryBytes, mayOvercommit } from '../world/room'
import { afterEvents, put } from '../world/rows'
import { causeOf, doPower, gone, remedies } from './power'
import { definitionKept, fromOutside, powerChanged } from './rows'

/** After a restart that came to nothing through no fault of the VM or the host, the next one is decided. */
const thinkAgainMs = 1_000

/** Where a VM that is down is started again. */
export function planRestart(world: World, vm: Vm, targetId: HostId): TaskPlan {
  const host = hostRef(world, targetId)
  const defines = targetId !== vm.hostId || vm.power === 'missing'
  const names: StepName[] = ['choose a host', ...(defines ? (['define'] as const) : []), 'start']
  return {
    what: 'vm.restart',
    vm: refOf(vm),
    verdict: { ok: true },
    steps: names.map((name) => ({ name, host })),
    target: host,
    method: null,
    expectedMs: null,
  }
}

/**
 * One move of a restart. Its home moves when the target has it defined and before it starts, so that whatever dies when,
 * the row names the only host that may be running it. Each time before that anything is ordered, the host that it was
 * lost on has to be proven dead, or to say itself that it does not run it.
 */
export function restartStep(scene: Scene<'vm.restart'>): Flow {
  const { vm, said, step, task } = scene
  if (!vm) return { flow: 'finish', state: 'failed', outcome: gone(scene) }
  const target = hostOf(scene.world, task.params.targetId)
  if (step !== 'clean up' && said && target.state === 'fenced')
    return notNow(scene, vm, [{ code: 'host_fenced', host: refOf(target) }])
  switch (step) {
    case 'choose a host':
      return choose(scene, vm, target)
    case 'define':
      return define(scene, vm, target)
    case 'start':
      return start(scene, vm, target)
    default:
      return cleanUp(scene, vm, target)
  }
}

export function restartOutcome(scene: Scene<'vm.restart'>): Ending {
  const { task, world, now } = scene
  const { sourceId, targetId } = task.params
  const vm = { id: task.vmId!, name: task.vmName }
  const totalMs = now - (task.startedAt ?? now)
  const source = hostRef(world, sourceId)
  const target = hostRef(world, targetId)
  return { state: 'succeeded', outcome: { code: 'restarted', vm, source, target, totalMs } }
}

/** The target was chosen when the restart was decided; this makes sure that nothing has changed since. */
function choose(scene: Scene<'vm.restart'>, vm: Vm, target: Host): Flow {
  const { world, task } = scene
  const against = unwanted(scene, vm)
  if (against) return against
  if (target.state !== 'connected')
    return notNow(scene, vm, [{ code: 'host_silent', host: refOf(target), sinceAt: target.stateSince }])
  if (target.mode !== 'normal')
    return notNow(scene, vm, [{ code: 'host_maintenance', host: refOf(target), reason: target.modeReason }])
  const freeBytes = freeMemoryBytes(world, target, task.id)
  if (target.facts && vm.memoryBytes > freeBytes && !mayOvercommit(world, vm.clusterId)) {
    const neededBytes = vm.memoryBytes
    return notNow(scene, vm, [
      { code: 'memory_short', vm: refOf(vm), host: refOf(target), neededBytes, freeBytes },
    ])
  }
  return unproven(scene, vm) ?? { flow: 'next' }
}

/** Defines it on the target from the definition that control keeps, and moves its home there. */
function define(scene: Scene<'vm.restart'>, vm: Vm, target: Host): Flow {
  const { said, definition } = scene
  const against = unwanted(scene, vm) ?? unproven(scene, vm)
  if (against) return against
  if (said?.result.ok) return { flow: 'next', events: homed(scene, vm, target, dataOf<Definition>(said)) }
  if (said && !(interrupted(said) && triesOf(scene) < maxTries) && !said.result.ok)
    return failed(scene, vm, target, said.result.error, said.result.message)
  const diskPaths = vm.disks.flatMap((disk) => pathOn(target, disk) ?? [])
  if (!definition) return failed(scene, vm, target, 'failed', 'its definition is not known')
  if (diskPaths.length < vm.disks.length)
    return failed(scene, vm, target, 'failed', `${target.name} does not have all of its datastores`)
  const { format, text, sha256 } = definition
  const from = { kind: 'definition', definition: { format, text, sha256 }, diskPaths } as const
  const tries = triesOf(scene) + (said ? 1 : 0)
  const inPlace = (vm.strayDisks?.length ?? 0) > 0
  return send(
    target.id,
    { kind: 'vm.define', uuid: vm.uuid, from: inPlace ? { ...from, diskPaths: null } : from },
    { memo: { defined: true, tries } },
  )
}

/** It is defined on a host, and lives there from now on. */
export function homed(
  scene: Scene<'vm.restart'> | Scene<'vm.start'>,
  vm: Vm,
  target: Host,
  definition: Definition,
): ChangeEvent[] {
  const changes = changesOf(scene)
  const cause = causeOf(scene)
  if (vm.hostId === target.id) changes.add(powerChanged(vm, target, 'off', null, cause, scene.now))
  else {
    const stale = [...(vm.staleOn ?? []), vm.hostId].filter((id) => id !== target.id)
    const from = vm.homeId ?? vm.hostId
    const row: Vm = {
      ...vm,
      hostId: target.id,
      power: 'off',
      powerSince: scene.now,
      powerReason: null,
      homeId: from === target.id ? null : from,
      staleOn: [...new Set(stale)],
      alsoOn: [],
    }
    changes.say({ kind: 'vm.homed', vm: refOf(vm), host: refOf(target) }, [put('vm', row)])
  }
  changes.add(definitionKept(vm, scene.definition, definition, cause))
  return changes.events
}

function start(scene: Scene<'vm.restart'>, vm: Vm, target: Host): Flow {
  const { said, task } = scene
  if (vm.hostId !== target.id) {
    const refusal: Refusal = { code: 'already_there', vm: refOf(vm), host: hostRef(scene.world, vm.hostId) }
    return notNow(scene, vm, [refusal])
  }
  if (vm.power === 'running') return started(scene, vm, target, [])
  // Before every order to start, not only before the first: an agent that restarted may be asked again much later.
  const orders = !said || (said.body.kind === 'vm.inspect' && !saysRunning(said)) || interrupted(said)
  if (orders && task.memo.asking !== true) {
    const against = unwanted(scene, vm) ?? unproven(scene, vm)
    if (against) return against
  }
  const live = scene.world.live.get(target.id)
  const seen = live?.reportedAt !== null ? live?.seen.get(vm.uuid)?.state : undefined
  if (said?.body.kind === 'vm.start' && said.result.ok && seen === 'running')
    return started(scene, vm, target, powerChanged(vm, target, 'running', null, causeOf(scene), scene.now))
  const move = doPower(scene, vm, 'vm.start', target.id)
  if ('flow' in move) return move
  if (move.done) return started(scene, vm, target, move.events)
  return failed(scene, vm, target, move.error, move.message, move.events)
}

/** The host was asked, and says that it runs there: nothing more will be ordered, and it is what was wanted. */
function saysRunning(said: Said): boolean {
  return said.result.ok && dataOf<Inspection>(said).domain?.state === 'running'
}

function started(scene: Scene<'vm.restart'>, vm: Vm, target: Host, before: ChangeEvent[]): Flow {
  const changes = changesOf(scene, before)
  const now = afterEvents(before, 'vm', vm.id, vm) ?? vm
  const row: Vm = { ...now, recovery: null }
  changes.say({ kind: 'vm.recovery', vm: refOf(vm), state: 'done', why: null }, [put('vm', row)])
  const set = { state: 'running', host: refOf(target), runningAt: scene.now, why: null } as const
  tellVm(changes, scene.task.params.incidentId, row, set)
  return { flow: 'next', events: changes.events, memo: { tried: vm.recovery?.tried ?? [] } }
}

/** Removes what a restart that came to nothing left on its target; a target that does not answer is cleaned when it is back. */
function cleanUp(scene: Scene<'vm.restart'>, vm: Vm, target: Host): Flow {
  const { said, task } = scene
  const end = task.memo.end as { state: 'failed' | 'cancelled'; outcome: Outcome }
  if (vm.hostId === target.id || said?.result.ok) return { flow: 'finish', ...end }
  if (target.state === 'connected' && (!said || (interrupted(said) && triesOf(scene) < maxTries)))
    return send(
      target.id,
      { kind: 'vm.undefine', uuid: vm.uuid },
      { memo: { tries: triesOf(scene) + (said ? 1 : 0) } },
    )
  return { flow: 'finish', ...end, events: leftBehind(scene.world, task, vm, scene.ctx) }
}

/** What a restart or a move that does not go on may have left on its target: removed when that can be heard. */
export function leftBehind(
  world: World,
  task: Task<'vm.restart'> | Task<'vm.migrate'> | Task<'vm.start'>,
  vm: Vm | undefined,
  ctx: Context,
): ChangeEvent[] {
  const { targetId } = task.params
  if (!vm || !targetId || !task.memo.defined || vm.hostId === targetId || vm.staleOn?.includes(targetId))
    return []
  const changes = new Changes(world, ctx, { initiator: task.initiator, taskId: task.id })
  const row: Vm = { ...vm, staleOn: [...(vm.staleOn ?? []), targetId] }
  const body = { kind: 'vm.changed', vm: refOf(vm), fields: ['old definitions'], outside: false } as const
  changes.say(body, [put('vm', row)])
  return changes.events
}

/** Nobody wants it started any more, or high availability was disarmed. */
function unwanted(scene: Scene<'vm.restart'>, vm: Vm): Flow | null {
  const cluster = scene.world.tables.cluster.get(vm.clusterId)
  if (!isWanted(vm)) {
    const outcome: Outcome = { code: 'cancelled', vm: refOf(vm), where: hostRef(scene.world, vm.hostId) }
    return end(scene, vm, { state: 'cancelled', outcome }, [])
  }
  if (!cluster || cluster.ha.mode === 'armed') return null
  const { mode, modeReason } = cluster.ha
  return notNow(scene, vm, [{ code: 'ha_disarmed', cluster: refOf(cluster), mode, by: modeReason }])
}

/** The reason why the host that it was lost on may still run it; null when it cannot. */
function unproven(scene: Scene<'vm.restart'>, vm: Vm): Flow | null {
  const { sourceId, targetId } = scene.task.params
  const hosts = new Set([sourceId, vm.hostId])
  for (const hostId of hosts) {
    const source: Source = sourceOf(scene.world, vm, hostId, scene.now, targetId)
    if (source.may === 'no') return notNow(scene, vm, source.why)
    if (source.may === 'wait')
      return {
        flow: 'wait',
        waiting: { code: 'agent_back', host: refOf(source.host) },
        untilAt: scene.now + thinkAgainMs,
      }
  }
  return null
}

/** Not done, and no failure of the VM's: it goes back on the list. */
function notNow(scene: Scene<'vm.restart'>, vm: Vm, why: Refusal[]): Flow {
  const changes = changesOf(scene, asSeen(scene, vm))
  backOnList(changes, scene, vm, { why, notBefore: scene.now + thinkAgainMs })
  const outcome: Outcome = { code: 'refused', sentence: sayRefusals(why) }
  return end(scene, vm, { state: 'failed', outcome }, changes.events)
}

/** What its home says of it, which nobody looked at while the restart had it in its hands. */
function asSeen({ world, now }: Scene<'vm.restart'>, vm: Vm): ChangeEvent[] {
  const home = hostOf(world, vm.hostId)
  const live = world.live.get(home.id)
  const seen = live?.reportedAt != null ? live.seen.get(vm.uuid) : undefined
  if (home.state !== 'connected' || !seen || seen.moving !== null || seen.state === 'incoming') return []
  return powerChanged(vm, home, seen.state, seen.reason, fromOutside, now)
}

/** A start that failed counts: it is tried again later, elsewhere when this host has failed often enough, or given up. */
function failed(
  scene: Scene<'vm.restart'>,
  vm: Vm,
  target: Host,
  error: string,
  message: string,
  before: ChangeEvent[] = [],
): Flow {
  const changes = changesOf(scene, before)
  const cause =
    error === 'disk_locked' ? `${message}. It may run elsewhere, outside of what Drover can see` : message
  const { retries } = vm.ha
  const tried = afterFailure(retries, vm.recovery?.tried ?? [], target.id)
  const retryAt = scene.now + backoffMs(tried)
  const times = failuresOf(tried)
  if (isExhausted(retries, tried)) {
    const last = `${target.name}: ${cause}${/[.!?]$/.test(cause) ? '' : '.'}`
    const why: Refusal[] = [{ code: 'start_limit', vm: refOf(vm), times, last }]
    backOnList(changes, scene, vm, { state: 'error', tried, notBefore: null, why })
  } else {
    const why: Refusal[] = [{ code: 'start_failed', vm: refOf(vm), host: refOf(target), cause, retryAt }]
    backOnList(changes, scene, vm, { tried, notBefore: retryAt, why })
  }
  const remedy = remedies[error] ?? null
  const outcome: Outcome = {
    code: 'command_failed',
    what: 'restart',
    vm: refOf(vm),
    host: refOf(target),
    cause,
    remedy,
  }
  return end(scene, vm, { state: 'failed', outcome }, changes.events)
}

function backOnList(changes: Changes, scene: Scene<'vm.restart'>, vm: Vm, set: Partial<Recovery>): void {
  const now = afterEvents(changes.events, 'vm', vm.id, vm) ?? vm
  const { recovery } = now
  if (!recovery) return
  const row: Vm = { ...now, recovery: { ...recovery, state: 'waiting', ...set } }
  const { state, why } = row.recovery!
  const text = sayWhy(why)
  changes.say({ kind: 'vm.recovery', vm: refOf(vm), state, why: text }, [put('vm', row)])
  tellVm(changes, scene.task.params.incidentId, row, { state, why: text })
}

/** Ends, by way of the target when that may have been left with a definition. */
function end(
  scene: Scene<'vm.restart'>,
  vm: Vm,
  how: { state: 'failed' | 'cancelled'; outcome: Outcome },
  events: ChangeEvent[],
): Flow {
  const { targetId } = scene.task.params
  if (!scene.task.memo.defined || vm.hostId === targetId) return { flow: 'finish', ...how, events }
  return { flow: 'turn', to: [{ name: 'clean up', hostId: targetId }], memo: { end: how }, events }
}

function changesOf(scene: Scene<'vm.restart'> | Scene<'vm.start'>, before: ChangeEvent[] = []): Changes {
  const { task } = scene
  const changes = new Changes(scene.world, scene.ctx, { initiator: task.initiator, taskId: task.id })
  changes.add(before)
  return changes
}
