import {
  againstHost,
  type ChangeEvent,
  type HostId,
  type Outcome,
  type Refusal,
  refOf,
  type StepName,
  type Task,
  type TaskKind,
  type TaskParams,
  type TaskPlan,
  taskVerbs,
  type Vm,
  type VmPower,
  type VmVerb,
  verdict,
  type World,
} from '@drover/model'
import type { CommandBody, Inspection } from '@drover/protocol'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { checkAdmission } from '../plan/admission'
import { isAsleep } from '../power/watts'
import { leaveVm } from '../recover/story'
import { checkRules } from '../rule/check'
import { type Started, startTask } from '../task/create'
import { dataOf, type Flow, maxTries, type Said, type Scene, send, triesOf } from '../task/flow'
import { Changes } from '../world/changes'
import { hostOf, hostRef } from '../world/find'
import { freeMemoryBytes, mayOvercommit } from '../world/room'
import { afterEvents } from '../world/rows'
import { checkFree, checkOnce, checkPower, checkReachable } from './check'
import { desiredChanged } from './desired'
import { checkOpen } from './place'
import { type Cause, definitionKept, powerChanged } from './rows'
import { defineAwake, planAsleep, wakeHome } from './startAsleep'

export type PowerKind =
  | 'vm.start'
  | 'vm.shutdown'
  | 'vm.stop'
  | 'vm.reboot'
  | 'vm.reset'
  | 'vm.suspend'
  | 'vm.resume'

interface PowerVerb {
  step: StepName
  /** What whoever asks wants it to be from now on; null: the same as before. */
  desired: Vm['desired'] | null
  /** The states it may be asked in. */
  needs: readonly VmPower[]
  /** What the VM is when it worked; null: the same as before, so that only the agent's word says it. */
  shows: 'running' | 'off' | 'paused' | null
}

/** The power verbs: what each needs and what it comes to. Buttons, procedures and steps all read this table. */
export const powerVerbs: Readonly<Record<PowerKind, PowerVerb>> = {
  'vm.start': { step: 'start', desired: 'running', needs: ['off', 'crashed'], shows: 'running' },
  'vm.shutdown': { step: 'shut down', desired: 'stopped', needs: ['running'], shows: 'off' },
  'vm.stop': { step: 'stop', desired: 'stopped', needs: ['running', 'paused'], shows: 'off' },
  'vm.reboot': { step: 'reboot', desired: null, needs: ['running'], shows: null },
  'vm.reset': { step: 'reset', desired: null, needs: ['running', 'paused'], shows: null },
  'vm.suspend': { step: 'suspend', desired: 'stopped', needs: ['running'], shows: 'paused' },
  'vm.resume': { step: 'resume', desired: 'running', needs: ['paused'], shows: 'running' },
}

/** How long a guest gets to shut down or reboot when nobody says otherwise. */
export const defaultGuestDeadlineMs = 120_000

export interface PowerInput {
  vmId: string
  deadlineMs?: number | null
  /** What the VM should be stays as it is: it is only off or on for a while, as a part of something larger. */
  keepsDesired?: boolean
  reason?: string | null
}

/** Every reason against a power verb on this VM, now. */
export function checkPowerVerb(world: World, kind: PowerKind, vm: Vm): Refusal[] {
  const heard = checkReachable(world, vm).filter(({ code }) => code !== 'host_silent')
  const why = againstHost(kind.slice(3) as VmVerb, hostOf(world, vm.hostId))
  const refusals = [...heard, ...why, ...checkPower(vm, powerVerbs[kind].needs)]
  if (kind === 'vm.resume') refusals.push(...checkAdmission(world, vm, vm.hostId).refusals)
  if (kind !== 'vm.start') return refusals
  const host = hostOf(world, vm.hostId)
  refusals.push(...checkOnce(world, vm))
  // That its host is silent is said already.
  refusals.push(...checkOpen(world, host).filter(({ code }) => code !== 'host_silent'))
  refusals.push(...checkRules(world, vm, host), ...checkAdmission(world, vm, host.id).refusals)
  const freeBytes = freeMemoryBytes(world, host)
  if (host.facts && vm.memoryBytes > freeBytes && !mayOvercommit(world, vm.clusterId)) {
    const neededBytes = vm.memoryBytes
    refusals.push({ code: 'memory_short', vm: refOf(vm), host: refOf(host), neededBytes, freeBytes })
  }
  return refusals
}

export function planPower(world: World, kind: PowerKind, vm: Vm): TaskPlan {
  const home = hostOf(world, vm.hostId)
  if (kind === 'vm.start' && isAsleep(home)) {
    const against = [
      ...checkFree(world, vm),
      ...checkPower(vm, powerVerbs[kind].needs),
      ...checkOnce(world, vm),
    ]
    return planAsleep(world, vm, home, against)
  }
  const host = hostRef(world, vm.hostId)
  const starts = kind === 'vm.start' || kind === 'vm.resume'
  return {
    what: kind,
    vm: refOf(vm),
    verdict: verdict(checkPowerVerb(world, kind, vm)),
    steps: [{ name: powerVerbs[kind].step, host }],
    target: null,
    method: null,
    expectedMs: null,
    warning: starts ? checkAdmission(world, vm, vm.hostId).warning : null,
  }
}

/** Accepts a power verb as a task. Value: its id and plan. */
export function decidePower(
  world: World,
  kind: PowerKind,
  { vmId, deadlineMs, keepsDesired, reason }: PowerInput,
  ctx: Context,
): Decision<Started> {
  const vm = world.tables.vm.get(vmId)
  if (!vm) return refuse([{ code: 'not_found', noun: 'VM', id: vmId }])
  const waits = kind === 'vm.shutdown' || kind === 'vm.reboot'
  const plan = planPower(world, kind, vm)
  const elsewhere = plan.target ? { targetId: plan.target.id as HostId } : {}
  const params = waits ? { deadlineMs: deadlineMs ?? defaultGuestDeadlineMs } : elsewhere
  const decided = startTask<TaskKind>(world, ctx, plan, () => ({
    kind,
    params: params as TaskParams[TaskKind],
    vm: refOf(vm),
    clusterId: vm.clusterId,
    hostIds: [...(elsewhere.targetId ? [elsewhere.targetId] : []), vm.hostId],
    reason: reason ?? null,
  }))
  const { desired } = powerVerbs[kind]
  if (!decided.ok || !desired || keepsDesired) return decided
  const changes = new Changes(world, ctx)
  changes.add(desiredChanged(vm, desired, { initiator: ctx.initiator, taskId: null, outside: false }))
  if (desired === 'stopped') leaveVm(changes, vm, 'stopped', 'it should be off')
  changes.add(decided.change)
  return accept(changes.events, decided.value)
}

/** One move of a power task: its order; before that, where the home sleeps, what it takes to give it. */
export function powerStep(scene: Scene): Flow {
  const kind = scene.task.kind as PowerKind
  const { vm } = scene
  if (!vm) return { flow: 'finish', state: 'failed', outcome: gone(scene) }
  if (scene.step === 'wake up') return wakeHome(scene as Scene<'vm.start'>, vm)
  if (scene.step === 'define') return defineAwake(scene as Scene<'vm.start'>, vm)
  const move = doPower(scene, vm, kind, vm.hostId)
  if ('flow' in move) return move
  if (move.done) return { flow: 'next', events: move.events }
  return {
    flow: 'finish',
    ...powerFailed(scene, vm, kind, move),
    events: [...move.events, ...stillWanted(scene, vm, kind, move.events)],
  }
}

/** A guest that was asked to end and goes on is there to stay: it is brought back when it is lost. */
function stillWanted(scene: Scene, vm: Vm, kind: PowerKind, before: ChangeEvent[]): ChangeEvent[] {
  const now = afterEvents(before, 'vm', vm.id, vm) ?? vm
  const goesOn = (kind === 'vm.shutdown' || kind === 'vm.suspend') && now.power === 'running'
  return goesOn ? desiredChanged(now, 'running', causeOf(scene)) : []
}

export function powerOutcome(scene: Scene): { state: 'succeeded'; outcome: Outcome } {
  const kind = scene.task.kind as PowerKind
  const vm = { id: scene.task.vmId ?? ('vm-0' as const), name: scene.task.vmName }
  const host = hostRef(scene.world, scene.vm?.hostId ?? scene.task.hostIds[0]!)
  const power = powerVerbs[kind].shows
  const outcome: Outcome = power ? { code: 'power_is', vm, power, host } : { code: 'rebooted', vm, host }
  return { state: 'succeeded', outcome }
}

/** How a power order went: still going on (a flow), done, or failed with the error to tell. */
export type PowerMove = Flow | ({ events: ChangeEvent[] } & ({ done: true } | PowerFailure))
export interface PowerFailure {
  done: false
  error: string
  message: string
}

/**
 * Gives a power order and makes sure of what came of it. A good answer is believed when the agent's reports show it
 * too; in doubt (they do not yet, or the agent restarted in the middle) the host is asked what is true, and that decides.
 */
export function doPower(scene: Scene, vm: Vm, kind: PowerKind, hostId: HostId): PowerMove {
  const { said } = scene
  const { shows } = powerVerbs[kind]
  const order = () => send(hostId, powerOrder(kind, vm, scene.task))
  const inspect = (memo = {}) => send(hostId, { kind: 'vm.inspect', uuid: vm.uuid }, { memo })
  if (!said) return scene.task.memo.asking === true ? inspect() : order()
  const { result } = said
  if (said.body.kind === 'vm.inspect') {
    if (!result.ok) {
      if (result.error === 'interrupted') return inspect()
      const tries = triesOf(scene) + 1
      if (tries > maxTries) return { done: false, error: result.error, message: result.message, events: [] }
      return { flow: 'wait', waiting: null, untilAt: scene.now + 2_000, memo: { tries, asking: true } }
    }
    const { power, events } = sawDomain(scene, vm, hostId, said)
    if (power === shows) return { done: true, events }
    const tries = triesOf(scene)
    if (scene.task.memo.doubt === true && tries < maxTries && scene.task.state !== 'cancelling')
      return { ...order(), memo: { tries: tries + 1, doubt: false, asking: false }, events }
    return { done: false, error: 'failed', message: `it is ${power} now`, events }
  }
  if (result.ok) return shows === null || vm.power === shows ? { done: true, events: [] } : inspect()
  if (result.error !== 'interrupted')
    return { done: false, error: result.error, message: result.message, events: [] }
  if (shows !== null) return inspect({ doubt: true })
  const message = `its agent restarted in the middle, so whether the guest did is not known`
  return { done: false, error: 'interrupted', message, events: [] }
}

/** What an inspection says of a VM's power, and the events that bring the rows up to it. */
export function sawDomain(
  scene: Scene,
  vm: Vm,
  hostId: HostId,
  said: Said,
): { power: VmPower; events: ChangeEvent[] } {
  const { domain, definition } = dataOf<Inspection>(said)
  const cause = causeOf(scene)
  const state = domain?.state ?? 'missing'
  const power = state === 'incoming' ? vm.power : state
  const host = hostOf(scene.world, hostId)
  const events = powerChanged(vm, host, power, domain?.reason ?? null, cause, scene.now)
  if (definition) events.push(...definitionKept(vm, scene.definition, definition, cause))
  return { power, events }
}

/** Rows that change because of this task. */
export function causeOf(scene: Scene): Cause {
  return { initiator: scene.task.initiator, taskId: scene.task.id, outside: false }
}

export function gone(scene: Scene): Outcome {
  return { code: 'gone', vm: { id: scene.task.vmId ?? 'vm-0', name: scene.task.vmName } }
}

function powerOrder(kind: PowerKind, vm: Vm, task: Task): CommandBody {
  const { uuid } = vm
  if (kind !== 'vm.shutdown' && kind !== 'vm.reboot') return { kind, uuid }
  const params = task.params as { deadlineMs?: number }
  return { kind, uuid, deadlineMs: params.deadlineMs ?? defaultGuestDeadlineMs }
}

function powerFailed(
  scene: Scene,
  vm: Vm,
  kind: PowerKind,
  { error, message }: PowerFailure,
): { state: 'failed' | 'cancelled'; outcome: Outcome } {
  const host = hostRef(scene.world, vm.hostId)
  const { task } = scene
  if (error === 'aborted' && task.state === 'cancelling')
    return { state: 'cancelled', outcome: { code: 'cancelled', vm: refOf(vm), where: host } }
  if (error === 'deadline' && kind === 'vm.shutdown') {
    const waitedMs = scene.now - (task.startedAt ?? scene.now)
    return { state: 'failed', outcome: { code: 'shutdown_ignored', vm: refOf(vm), waitedMs } }
  }
  const what = taskVerbs[kind]
  const remedy = remedies[error] ?? null
  return {
    state: 'failed',
    outcome: { code: 'command_failed', what, vm: refOf(vm), host, cause: message, remedy },
  }
}

/** What a person can do about an agent's error, where there is something. */
export const remedies: Readonly<Record<string, string>> = {
  no_memory: 'Free memory there, or migrate the VM to another host.',
  no_space: 'Free space on the datastore.',
  disk_locked: 'Something else has the disk open: find it before trying again.',
  busy: 'Something else is going on with it at the hypervisor; try again when that is done.',
  deadline: 'Try again, or stop it hard.',
  interrupted: 'Look at the VM, and try again if need be.',
}
