import {
  type Change,
  enter,
  type Host,
  isOpen,
  type Outcome,
  type Refusal,
  refOf,
  type Step,
  sayInitiator,
  type Task,
  taskStates,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { leftBehind } from '../vm/restart'
import { put } from '../world/rows'
import { taskRef } from './create'

/** The host whose answer a task waits for in vain; null when it waits for nothing, or for a host that can be heard. */
export function silentHostOf(world: World, task: Task): Host | null {
  const out = task.command && !task.result ? task.command.hostId : null
  const asked = task.waiting?.code === 'host_answer' ? task.waiting.host.id : null
  const host = world.tables.host.get(out ?? asked ?? '')
  return host && host.state !== 'connected' ? host : null
}

export function checkGiveUp(world: World, task: Task): Refusal[] {
  if (!isOpen(task)) return [{ code: 'task_ended', task: taskRef(task), state: task.state }]
  const host = silentHostOf(world, task)
  if (!host) return [{ code: 'not_given_up', task: taskRef(task) }]
  if (!mayHaveMoved(world, task)) return []
  const why = `${task.vmName} may run on either host by now, and would be restarted beside itself. It ends by itself when ${host.name} is heard again, fenced, or confirmed to be off`
  return [{ code: 'not_cancellable', task: taskRef(task), why }]
}

/**
 * Whether the guest may have left its home although no row says so. Nobody who restarts VMs by their homes may then
 * forget about it: a proof that the one host is dead says nothing of the other.
 */
function mayHaveMoved(world: World, task: Task): boolean {
  if (task.kind !== 'vm.migrate' || world.tables.cluster.get(task.clusterId)?.ha.mode === 'handsOff')
    return false
  const { method } = task.params as Task<'vm.migrate'>['params']
  const step = task.steps.find(({ state }) => state === 'running')?.name
  return method !== 'cold' && (step === 'migrate' || step === 'confirm where it runs')
}

/**
 * Ends a task that waits for a host that may never come back, so that its VM and its other hosts are free again. What
 * the silent host made of its order is not known and not guessed: rows stay as they are, the order is sent no more, and
 * the host's first report says what is true there.
 */
export function decideGiveUp(world: World, { taskId }: { taskId: string }, ctx: Context): Decision {
  const task = world.tables.task.get(taskId)
  if (!task) return refuse([{ code: 'not_found', noun: 'task', id: taskId }])
  const refusals = checkGiveUp(world, task)
  const host = silentHostOf(world, task)
  if (refusals.length > 0 || !host) return refuse(refusals)
  return accept(givenUp(world, task, host, ctx), null)
}

/** The end of a task that nobody waits for any more. */
export function givenUp(world: World, task: Task, host: Host, ctx: Context): Change {
  const outcome: Outcome = {
    code: 'given_up',
    vm: { id: task.vmId ?? 'vm-0', name: task.vmName },
    host: refOf(host),
    by: sayInitiator(ctx.initiator),
    silentMs: ctx.now - host.stateSince,
  }
  const ended: Task = {
    ...task,
    state: enter('task', taskStates, task.state, 'failed'),
    outcome,
    command: null,
    result: null,
    waiting: null,
    wakeAt: null,
    endedAt: ctx.now,
    steps: task.steps.map((step) => leftOff(step, ctx.now)),
  }
  const body = { kind: 'task.ended', task: taskRef(task), state: 'failed', outcome } as const
  const left =
    task.kind === 'vm.restart' || task.kind === 'vm.migrate' || task.kind === 'vm.start'
      ? leftBehind(world, task as Task<'vm.migrate'>, world.tables.vm.get(task.vmId ?? ''), ctx)
      : []
  return [...left, { body, initiator: ctx.initiator, taskId: task.id, rows: [put('task', ended)] }]
}

function leftOff(step: Step, now: number): Step {
  if (step.state === 'running') return { ...step, state: 'failed', endedAt: now }
  return step.state === 'pending' ? { ...step, state: 'skipped' } : step
}
