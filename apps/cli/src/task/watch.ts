import {
  isOpen,
  type Progress,
  sayBytes,
  sayDuration,
  sayOutcome,
  sayPercent,
  sayRate,
  sayTask,
  sayWaiting,
  type Task,
  type TaskId,
  taskStateWords,
} from '@drover/model'
import type { Client } from '../client'
import { exitCodes } from '../exit'

const LOOK_MS = 400
/** A control daemon may be taken over from meanwhile; the task goes on all the same. */
const PATIENCE_MS = 60_000

/** Follows a task to its end; on a terminal with one line that moves. A line lost meanwhile is taken up again. */
export async function follow(api: Client, taskId: TaskId): Promise<Task> {
  const terminal = process.stderr.isTTY
  let lastSeenAt = Date.now()
  for (;;) {
    try {
      const { task, progress } = await api.task.show.query({ taskId })
      lastSeenAt = Date.now()
      if (terminal) process.stderr.write(`\r\x1b[2K${isOpen(task) ? line(task, progress) : ''}`)
      if (!isOpen(task)) return task
    } catch (error) {
      if (Date.now() - lastSeenAt > PATIENCE_MS || !passing(error)) throw error
      if (terminal)
        process.stderr.write('\r\x1b[2KNo answer from the server; the task goes on. Asking again …')
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

/** Whether asking again may help: no answer at all, or nobody leads just now. */
function passing(error: unknown): boolean {
  const data = (error as { data?: { httpStatus?: number } | null }).data
  return !data || data.httpStatus === 503
}

function line(task: Task, progress: Progress | null): string {
  if (task.waiting) return `${sayTask(task)}: ${sayWaiting(task.waiting, Date.now())}`
  const step = task.steps.find(({ state }) => state === 'running')
  const parts = [`${sayTask(task)}: ${step?.name ?? taskStateWords[task.state]}`]
  if (progress) {
    parts.push(sayPercent(progress.fraction))
    if (progress.doneBytes !== null && progress.totalBytes !== null) {
      parts.push(`${sayBytes(progress.doneBytes)} of ${sayBytes(progress.totalBytes)}`)
    }
    if (progress.bytesPerSecond !== null) parts.push(sayRate(progress.bytesPerSecond))
    if (progress.remainingMs !== null) parts.push(`${sayDuration(progress.remainingMs)} left`)
  }
  return parts.join('  ').slice(0, (process.stderr.columns ?? 100) - 1)
}

/** How it ended, as a sentence and as an exit code. */
export function ending(task: Task): { sentence: string; code: number } {
  const sentence = task.outcome
    ? sayOutcome(task.outcome)
    : `${sayTask(task)}: ${taskStateWords[task.state]}.`
  if (task.state === 'succeeded') return { sentence, code: exitCodes.ok }
  return { sentence, code: task.state === 'cancelled' ? exitCodes.cancelled : exitCodes.failed }
}
