import { decideAdvance, openTasks } from '@drover/engine'
import { isOpen, type Task, type World } from '@drover/model'
import type { Batch } from '@drover/store'
import type { Clock } from '../ports'
import type { Writer } from '../writer/writer'

/** However little happens, everything is looked at this often. */
const everyMs = 5_000

/**
 * Moves open tasks on. It takes no input: woken by a commit or by the clock, it reads the world and proposes a move for
 * every task that has one. A task that was just accepted, one that a crash interrupted and one that a new leader found
 * are the same to it. What it keeps is only what changed since it last looked, to look at no more than it must.
 */
export class TaskLoop {
  #hosts = new Set<string>()
  /** Tasks of which a part was begun or has ended. */
  #parents = new Set<string>()
  #slots = true
  #all = true
  #woken = false
  #stopped = false
  #stopTimer: () => void = () => {}

  constructor(
    private readonly world: World,
    private readonly writer: Writer,
    private readonly clock: Clock,
  ) {
    this.wake(true)
  }

  stop(): void {
    this.#stopped = true
    this.#stopTimer()
  }

  committed(batch: Batch): void {
    let touched = false
    for (const { table, id, row } of batch.rows) {
      if (table === 'host') this.#hosts.add(id)
      // Only a task that ended or a new limit makes room for one that waits.
      if (table === 'cluster' || (table === 'task' && !(row && isOpen(row as Task)))) this.#slots = true
      if (table === 'task' && row) this.#part(row as Task)
      touched ||= table === 'host' || table === 'cluster' || table === 'task'
    }
    if (touched) this.wake()
  }

  #part(task: Task): void {
    const { parentId, state } = task
    if (parentId && (state === 'queued' || !isOpen(task))) this.#parents.add(parentId)
  }

  /** Looks soon; at every task when `all`. */
  wake(all = false): void {
    this.#all ||= all
    if (this.#woken || this.#stopped) return
    this.#woken = true
    queueMicrotask(() => {
      this.#woken = false
      if (!this.#stopped) this.#look()
    })
  }

  #look(): void {
    const now = this.clock.now()
    const due = openTasks(this.world).filter((task) => this.#isDue(task, now))
    this.#hosts = new Set()
    this.#parents = new Set()
    this.#slots = false
    this.#all = false
    // Oldest first, each in a proposal of its own: a slot that the first takes is gone for the second.
    for (const { id } of due)
      this.writer
        .propose({ kind: 'drover' }, (world, ctx) => decideAdvance(world, id, ctx))
        .catch(() => this.#later(everyMs))
    this.#later(this.#nextMs(now))
  }

  #isDue(task: Task, now: number): boolean {
    if (task.command && !task.result) return this.#all || this.#hosts.has(task.command.hostId)
    if (this.#parents.has(task.id) || (task.host && this.#hosts.has(task.host.id))) return true
    if (task.wakeAt !== null) return now >= task.wakeAt
    return task.waiting === null || this.#slots || this.#all
  }

  #nextMs(now: number): number {
    let next = everyMs
    for (const id of this.world.index.openTasks) {
      const wakeAt = this.world.tables.task.get(id)?.wakeAt ?? null
      // What is due was proposed just now; while the database is away, proposing it at once again would spin.
      if (wakeAt !== null && wakeAt > now) next = Math.min(next, wakeAt - now)
    }
    return next
  }

  #later(ms: number): void {
    this.#stopTimer()
    this.#stopTimer = this.clock.setTimer(ms, () => this.wake(ms >= everyMs))
  }
}
