import {
  type ChangeEvent,
  isOpen,
  type RowWrite,
  type Task,
  type TaskId,
  type TaskKind,
  type Waiting,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import type { Decision } from '../decision'
import { numberOf } from '../world/find'
import { put } from '../world/rows'
import { checkCancel, decideCancel } from './cancel'
import type { Started } from './create'

const parents: readonly TaskKind[] = [
  'host.evacuate',
  'host.exitMaintenance',
  'host.shutdown',
  'host.sleep',
  'cluster.roll',
]

/**
 * Whether a task does its work through parts, or waits for its host to come up: it is then looked at whenever a part ends or
 * the host's row changes, however long it meant to wait.
 */
export function hasParts(task: Pick<Task, 'kind'>): boolean {
  return parents.includes(task.kind) || task.kind === 'host.wake' || task.kind === 'host.powerOn'
}

/** The parts of a task that are still under way, oldest first. */
export function openParts(world: World, parentId: TaskId): Task[] {
  const ids = [...(world.index.openTasksByParent.get(parentId) ?? [])]
  return ids.sort((a, b) => numberOf(a) - numberOf(b)).map((id) => world.tables.task.get(id)!)
}

/** A part that was begun: its events, and the task. */
export interface Begun {
  events: ChangeEvent[]
  taskId: TaskId | null
}

/**
 * Makes an accepted verb a part of `parent`: the task that it creates names its parent, and what a person's verb would
 * say of the VM besides (that it should be off from now on) is not said, because no person said it.
 * Begin one part in one move: the next one has to see what this one was promised.
 */
export function asPart(
  parent: Pick<Task, 'id'>,
  decision: Decision<Started> & { ok: true },
  rows: RowWrite[] = [],
): Begun {
  const events = decision.change
    .filter(({ body }) => body.kind !== 'vm.desired')
    .map((event) => ({ ...event, rows: [...event.rows.map((write) => childOf(parent.id, write)), ...rows] }))
  return { events, taskId: decision.value.taskId }
}

function childOf(parentId: TaskId, write: RowWrite): RowWrite {
  return write.table === 'task' && write.row ? put('task', { ...write.row, parentId }) : write
}

/** Cancels the parts that have not begun and asks those that run to stop; each ends by itself and says how. */
export function callOff(world: World, parts: readonly Task[], ctx: Context): ChangeEvent[] {
  return parts.flatMap((part) => {
    if (part.state === 'cancelling' || checkCancel(part).length > 0) return []
    const decision = decideCancel(world, { taskId: part.id }, ctx)
    return decision.ok ? decision.change : []
  })
}

/** What a task waits for that has parts under way: `left` of `of` things still to be done. */
export function partsWait(parts: readonly Task[], left: number, of: number): Waiting {
  return { code: 'parts', left, of, names: parts.map((part) => part.host?.name ?? part.vmName) }
}

/** How a part has ended; undefined while it is open, or when its row is no longer kept. */
export function endOf(world: World, taskId: TaskId): Task | undefined {
  const task = world.tables.task.get(taskId)
  return task && !isOpen(task) ? task : undefined
}
