import { enter, isOpen, type Refusal, sayTask, type Task, taskStates, type World } from '@drover/model'
import type { CommandBody } from '@drover/protocol'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { hostRef } from '../world/find'
import { put } from '../world/rows'
import { taskRef } from './create'

/** Why a kind of task cannot be cancelled once it runs; null: it can. */
const uncancellable: Record<Task['kind'], string | null> = {
  'vm.create': null,
  'vm.migrate': null,
  'vm.shutdown': null,
  'vm.reboot': null,
  'vm.change': 'the change is being made',
  'vm.delete': 'what is deleted cannot be brought back',
  'vm.start': 'it takes effect at once',
  'vm.stop': 'it takes effect at once',
  'vm.reset': 'it takes effect at once',
  'vm.suspend': 'it takes effect at once',
  'vm.resume': 'it takes effect at once',
  'vm.restart': 'it takes effect at once',
  'host.fence': null,
  'host.clean': 'it is nearly done',
  'host.powerOn': null,
  'host.evacuate': null,
  'host.exitMaintenance': null,
  'host.shutdown': null,
  'host.sleep': null,
  'host.wake': null,
  'cluster.roll': null,
}

/**
 * Orders that may be given up when their host is silent: whether or not it still carries them out, nothing is lost and
 * no VM runs because of them.
 */
const harmless: readonly CommandBody['kind'][] = [
  'vm.inspect',
  'disk.info',
  'disk.receive',
  'disk.create',
  'disk.clone',
  'disk.commit',
]

export function checkCancel(task: Task): Refusal[] {
  if (!isOpen(task)) return [{ code: 'task_ended', task: taskRef(task), state: task.state }]
  const waits = task.state === 'queued' || task.waiting?.code === 'host_wakes'
  const why = whyNotFence(task) ?? whyNotSleep(task) ?? (waits ? null : uncancellable[task.kind])
  return why ? [{ code: 'not_cancellable', task: taskRef(task), why }] : []
}

/** Once a device has its order the host may die at any moment; and high availability would only begin again. */
function whyNotFence(task: Task): string | null {
  if (task.kind !== 'host.fence') return null
  if (task.memo.offAt !== undefined) return 'a fence device has been told to switch the host off'
  const { byHand } = (task as Task<'host.fence'>).params
  return byHand ? null : 'high availability does it by itself. Put that on hold for the cluster instead'
}

/** Told to shut down, a host goes; it can be woken once it is off. */
function whyNotSleep(task: Task): string | null {
  return task.kind === 'host.sleep' && task.memo.bootId !== undefined
    ? `${task.host?.name ?? 'the host'} has been told to shut down. Wake it once it is off`
    : null
}

/** Cancels at once what has not begun; asks what runs to stop. Its own end says what came of it. */
export function decideCancel(world: World, { taskId }: { taskId: string }, ctx: Context): Decision {
  const task = world.tables.task.get(taskId)
  if (!task) return refuse([{ code: 'not_found', noun: 'task', id: taskId }])
  const refusals = checkCancel(task)
  if (refusals.length > 0) return refuse(refusals)
  if (task.state === 'cancelling') return accept([], null)

  const asked = { kind: 'task.cancel_asked', task: taskRef(task) } as const
  if (task.state === 'queued') {
    const vm = task.vmId && world.tables.vm.get(task.vmId)
    const outcome = {
      code: 'cancelled',
      vm: { id: task.vmId ?? 'vm-0', name: task.vmName },
      where: vm ? hostRef(world, vm.hostId) : null,
    } as const
    const ended: Task = {
      ...task,
      state: enter('task', taskStates, task.state, 'cancelled'),
      outcome,
      waiting: null,
      endedAt: ctx.now,
      steps: task.steps.map((step) => ({ ...step, state: 'skipped' })),
    }
    const { initiator } = ctx
    const body = { kind: 'task.ended', task: taskRef(task), state: 'cancelled', outcome } as const
    return accept([{ body, initiator, taskId: task.id, rows: [put('task', ended)] }], null)
  }

  const state = enter('task', taskStates, task.state, 'cancelling')
  // One that only waited for a while is looked at again now.
  const waiting = task.command ? task.waiting : null
  const cancelling: Task = { ...task, state, waiting, wakeAt: null, ...calledOff(world, task) }
  return accept(
    [{ body: asked, initiator: ctx.initiator, taskId: task.id, rows: [put('task', cancelling)] }],
    null,
  )
}

/** The order that is out: cancelled, or no longer waited for when its host does not answer and it does no harm. */
function calledOff(world: World, task: Task): Partial<Task> {
  const { command } = task
  if (!command || task.result) return {}
  if (command.hostId === 'control') return { command: { ...command, cancelled: true } }
  const silent = world.tables.host.get(command.hostId)?.state !== 'connected'
  if (silent && harmless.includes(command.body.kind as CommandBody['kind'])) {
    const message = `${sayTask(task)} was cancelled while ${hostRef(world, command.hostId).name} did not answer`
    return { result: { ok: false, error: 'aborted', message } }
  }
  return { command: { ...command, cancelled: true } }
}
