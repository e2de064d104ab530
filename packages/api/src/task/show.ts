import { publicTask } from '@drover/control'
import type { Progress, Task } from '@drover/model'
import { z } from 'zod'
import { found } from '../found'
import { taskId } from '../schema/id'
import { auditor } from '../trpc'

export interface TaskShown {
  task: Task
  /** Of the step under way. */
  progress: Progress | null
}

/** One task with its steps; also one that ended long ago. */
export const show = auditor.input(z.object({ taskId })).query(async ({ ctx, input }): Promise<TaskShown> => {
  const { tables, progress } = ctx.control.world
  const { taskId } = input
  const here = tables.task.get(taskId)
  const task = found(here ?? (await ctx.control.tasks({ taskId, limit: 1 }))[0], 'task', taskId)
  return { task: publicTask(task), progress: progress.get(task.id) ?? null }
})
