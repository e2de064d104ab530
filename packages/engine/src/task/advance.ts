import {
  assertNever,
  type Change,
  type ChangeEvent,
  type CommandResult,
  enter,
  type FenceOrder,
  type HostId,
  isOpen,
  isSilent,
  type Progress,
  refOf,
  type Step,
  sayWaiting,
  type Task,
  taskStates,
  type Waiting,
  type World,
} from '@drover/model'
import type { CommandBody } from '@drover/protocol'
import type { Context } from '../context'
import { afterEvents, put } from '../world/rows'
import { newStep, taskRef } from './create'
import type { Effects, Flow, Said, Scene } from './flow'
import { hasParts } from './parts'
import { outcomeOf, stepTask } from './step'
import { worthSaying } from './waiting'

/** More moves in one commit than any task needs: a step that goes round in circles is a bug, and is found here. */
const movesAtMost = 100

/**
 * Moves a task on as far as it can go now: through steps that are done at once, up to the next order, wait or end.
 * Empty when there is nothing to do. The same for a task that was just accepted, that got an answer, that was woken,
 * or that a new leader found in the database.
 */
export function advance(world: World, task: Task, ctx: Context): Change {
  if (!isOpen(task)) return []
  if (task.command && !task.result) {
    const result = goneUnanswered(world, task, ctx.now)
    return result ? new Moves(world, { ...task, result }, ctx).run() : awaitAnswer(world, task, ctx)
  }
  if (task.wakeAt !== null && ctx.now < task.wakeAt && !hasParts(task)) return []
  return new Moves(world, task, ctx).run()
}

/**
 * A host that was told to shut down may go without its answer being heard; waiting for that would keep everybody from
 * looking after it. Null: the answer is waited for.
 */
function goneUnanswered(world: World, task: Task, now: number): CommandResult | null {
  const { command } = task
  if (command?.body.kind !== 'host.shutdown' || command.hostId === 'control') return null
  const host = world.tables.host.get(command.hostId)
  const patienceMs = world.tables.cluster.get(task.clusterId)?.ha.decideMs ?? 10_000
  if (!host || !isSilent(host) || now - host.stateSince < patienceMs) return null
  return { ok: false, error: 'unreachable', message: `${host.name} fell silent before it answered` }
}

/** While an order is out: says what is waited for, when that is worth saying. */
function awaitAnswer(world: World, task: Task, ctx: Context): Change {
  const waiting = waitsFor(world, task)
  if (JSON.stringify(waiting) === JSON.stringify(task.waiting)) return []
  return [taskEvent({ ...task, waiting }, { kind: 'task.waiting', task: taskRef(task) }, ctx)]
}

function waitsFor(world: World, task: Task): Waiting | null {
  const { command } = task
  if (!command) return null
  const host = command.hostId === 'control' ? null : world.tables.host.get(command.hostId)
  if (host && host.state !== 'connected') return { code: 'host_answer', host: refOf(host) }
  const body = command.body as CommandBody
  const startedAt = task.steps.find((step) => step.state === 'running')?.startedAt
  if (body.kind !== 'vm.shutdown' || !task.vmId || !startedAt) return null
  const vm = { id: task.vmId, name: task.vmName }
  return { code: 'guest_shutdown', vm, deadlineAt: startedAt + body.deadlineMs }
}

function taskEvent(task: Task, body: ChangeEvent['body'], ctx: Context): ChangeEvent {
  const initiator = body.kind === 'task.waiting' ? ctx.initiator : task.initiator
  return { body, initiator, taskId: task.id, rows: [put('task', task)] }
}

class Moves {
  readonly #change: Change = []
  #task: Task
  #said: Said | null

  constructor(
    private readonly world: World,
    private readonly came: Task,
    private readonly ctx: Context,
  ) {
    const { command, result } = came
    this.#said =
      command && result
        ? { hostId: command.hostId, body: command.body as CommandBody | FenceOrder, result }
        : null
    this.#task = { ...came, command: null, result: null, wakeAt: null }
  }

  run(): Change {
    for (let move = 0; move < movesAtMost; move += 1) {
      const step = this.#task.steps.find(isOpenStep)
      if (!step) {
        const { state, outcome } = outcomeOf(this.#scene('clean up'))
        this.#apply({ flow: 'finish', state, outcome }, null)
        return this.#change
      }
      const flow = stepTask(this.#scene(step.name))
      this.#said = null
      if (this.#apply(flow, step)) return this.#change
    }
    throw new Error(`${this.#task.id} does not come to rest: ${JSON.stringify(this.#task.steps)}`)
  }

  #scene(step: Step['name']): Scene {
    const { world, ctx } = this
    const vmId = this.#task.vmId ?? ''
    return {
      world,
      ctx,
      now: ctx.now,
      task: this.#task,
      step,
      vm: afterEvents(this.#change, 'vm', vmId, world.tables.vm.get(vmId)),
      definition: afterEvents(this.#change, 'definition', vmId, world.tables.definition.get(vmId)),
      said: this.#said,
    }
  }

  /** Turns one flow into rows and events; true when the task rests now. */
  #apply(flow: Flow, step: Step | null): boolean {
    this.#change.push(...(flow.events ?? []))
    if (flow.memo) this.#set({ memo: { ...this.#task.memo, ...flow.memo } })
    switch (flow.flow) {
      case 'send':
        return this.#order(step, flow.hostId, flow.body)
      case 'fence':
        return this.#order(step, 'control', flow.order)
      case 'wait': {
        const wakeAt = flow.untilAt
        const queued = flow.waiting?.code.endsWith('_slot') ?? false
        const was = this.#task.waiting
        if (queued && was && !worthSaying(was, flow.waiting!) && !flow.memo && !flow.events) return true
        if (this.#restsAsBefore(flow.waiting, wakeAt, flow)) return true
        if (!queued) this.#begin(step)
        this.#set({ waiting: flow.waiting, wakeAt })
        this.#say({ kind: 'task.waiting', task: taskRef(this.#task), ...whyOf(flow.waiting, this.ctx.now) })
        return true
      }
      case 'next': {
        if (!flow.skipped) this.#begin(step)
        this.#end(step, flow.skipped ? 'skipped' : 'done', flow.progress)
        return false
      }
      case 'turn': {
        this.#begin(step)
        this.#end(step, 'failed')
        const steps = this.#task.steps.map((one) =>
          one.state === 'pending' ? { ...one, state: 'skipped' as const } : one,
        )
        this.#set({ steps: [...steps, ...flow.to.map(({ name, hostId }) => newStep(name, hostId))] })
        return false
      }
      case 'finish': {
        const { state, outcome } = flow
        const { steps, startedAt } = this.#task
        const current = steps.find((one) => one.name === step?.name && isOpenStep(one))
        this.#set({
          state: enter('task', taskStates, this.#running(), state),
          outcome,
          startedAt: startedAt ?? this.ctx.now,
          endedAt: this.ctx.now,
          waiting: null,
          // A name may come more than once: the step under way is the first of it that is open.
          steps: steps.map((one) => this.#closed(one, one === current, state === 'succeeded')),
        })
        this.#say({ kind: 'task.ended', task: taskRef(this.#task), state, outcome })
        return true
      }
      default:
        return assertNever(flow)
    }
  }

  /** It was looked at, and waits for the same as before: nothing to write. */
  #restsAsBefore(waiting: Waiting | null, wakeAt: number | null, { memo, events }: Effects): boolean {
    const { came } = this
    const due = wakeAt !== null && wakeAt <= this.ctx.now
    return (
      waiting !== null &&
      this.#change.length === 0 &&
      !memo &&
      !events?.length &&
      !came.command &&
      !due &&
      came.wakeAt === wakeAt &&
      came.startedAt !== null &&
      JSON.stringify(came.waiting) === JSON.stringify(waiting)
    )
  }

  #order(step: Step | null, hostId: HostId | 'control', body: CommandBody | FenceOrder): true {
    this.#begin(step)
    const commands = this.#task.commands + 1
    const id = `${this.#task.id}/${commands}`
    this.#set({ commands, command: { id, hostId, body, cancelled: false }, waiting: null })
    this.#set({ waiting: waitsFor(this.world, this.#task) })
    this.#say({ kind: 'task.step', task: taskRef(this.#task), step: step!.name, state: 'running' })
    return true
  }

  /** A task that does anything has left the queue. */
  #running(): Task['state'] {
    return this.#task.state === 'queued' ? 'running' : this.#task.state
  }

  #begin(step: Step | null): void {
    this.#set({ state: this.#running(), startedAt: this.#task.startedAt ?? this.ctx.now })
    if (step?.state === 'pending') this.#step(step.name, { state: 'running', startedAt: this.ctx.now })
  }

  #end(step: Step | null, state: 'done' | 'failed' | 'skipped', progress: Partial<Progress> = {}): void {
    if (!step) return
    const last = this.world.progress.get(this.#task.id) ?? null
    const kept = last || Object.keys(progress).length > 0 ? { ...noProgress, ...last, ...progress } : null
    if (kept && state === 'done') Object.assign(kept, { fraction: 1, remainingMs: null })
    this.#step(step.name, { state, endedAt: state === 'skipped' ? null : this.ctx.now, progress: kept })
    const { tries: _t, doubt: _d, asking: _a, ...memo } = this.#task.memo
    this.#set({ memo, waiting: null })
    this.#say({ kind: 'task.step', task: taskRef(this.#task), step: step.name, state })
  }

  #closed(step: Step, current: boolean, good: boolean): Step {
    if (step.state === 'pending' && !current) return { ...step, state: 'skipped' }
    if (!isOpenStep(step)) return step
    return { ...step, state: good ? 'done' : 'failed', endedAt: this.ctx.now }
  }

  /** Changes the current step, which is the first of its name that has not ended. */
  #step(name: Step['name'], set: Partial<Step>): void {
    const at = this.#task.steps.findIndex((one) => one.name === name && isOpenStep(one))
    this.#set({ steps: this.#task.steps.map((one, i) => (i === at ? { ...one, ...set } : one)) })
  }

  #set(set: Partial<Task>): void {
    this.#task = { ...this.#task, ...set }
  }

  #say(body: ChangeEvent['body']): void {
    this.#change.push(taskEvent(this.#task, body, this.ctx))
  }
}

function isOpenStep({ state }: Step): boolean {
  return state === 'pending' || state === 'running'
}

function whyOf(waiting: Waiting | null, now: number): { why?: string } {
  return waiting ? { why: sayWaiting(waiting, now) } : {}
}

const noProgress: Progress = {
  fraction: 0,
  doneBytes: null,
  totalBytes: null,
  bytesPerSecond: null,
  remainingMs: null,
  downtimeMs: null,
}
