import {
  type Progress,
  type StepName,
  sayDuration,
  sayRate,
  type Task,
  type TaskState,
  taskStateWords,
} from '@drover/model'
import type { Tone } from '../ui/state'

export const taskTones: Record<TaskState, Tone> = {
  queued: 'standby',
  running: 'working',
  cancelling: 'warning',
  succeeded: 'ok',
  failed: 'error',
  cancelled: 'off',
}

export function taskState(task: Pick<Task, 'state'>): { tone: Tone; word: string } {
  return { tone: taskTones[task.state], word: taskStateWords[task.state] }
}

/** `1.2 GB/s · 8 s left`: what is known of the pace. */
export function sayPace(progress: Progress | undefined): string {
  if (!progress) return ''
  return [
    progress.bytesPerSecond ? sayRate(progress.bytesPerSecond) : '',
    progress.remainingMs !== null && progress.remainingMs > 0
      ? `${sayDuration(Math.ceil(progress.remainingMs / 1000) * 1000)} left`
      : '',
  ]
    .filter(Boolean)
    .join(' · ')
}

/** The steps in which bytes move. */
const long: ReadonlySet<StepName> = new Set<StepName>(['migrate', 'copy the disks', 'copy the image'])

/** How far a whole task is, 0 to 1; never goes back as it goes on. */
export function fractionOf(task: Pick<Task, 'steps' | 'state'>, progress: Progress | undefined): number {
  if (task.state === 'succeeded') return 1
  const steps = task.steps.filter((step) => step.state !== 'skipped')
  if (steps.length === 0) return 0
  // Where bytes move, they are what one waits for; the other steps take no time to speak of.
  if (progress) return progress.fraction
  const bytes = steps.filter((step) => long.has(step.name))
  if (bytes.length > 0) return bytes.every((step) => step.state === 'done') ? 1 : 0
  return steps.filter((step) => step.state === 'done').length / steps.length
}
