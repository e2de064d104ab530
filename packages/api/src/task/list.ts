import { publicTask } from '@drover/control'
import { isOpen, pageOf, type Task } from '@drover/model'
import { z } from 'zod'
import { clusterId, hostId, vmId } from '../schema/id'
import { at, pageSize } from '../schema/quantity'
import { auditor } from '../trpc'

const input = z
  .object({
    vmId: vmId.optional(),
    hostId: hostId.optional(),
    clusterId: clusterId.optional(),
    /** Only those that have not ended. */
    open: z.boolean('must be true or false.').optional(),
    /** Created before; to go on from the last one of a page. */
    beforeAt: at.optional(),
    limit: pageSize.default(100),
  })
  .default({ limit: 100 })

export interface TaskPage {
  tasks: Task[]
  nextBeforeAt: number | null
}

/** Tasks, newest first: those of the past too. */
export const list = auditor.input(input).query(async ({ ctx, input }): Promise<TaskPage> => {
  const { open, limit, ...query } = input
  const matches = (task: Task): boolean =>
    (!query.vmId || task.vmId === query.vmId) &&
    (!query.hostId || task.hostIds.includes(query.hostId)) &&
    (!query.clusterId || task.clusterId === query.clusterId) &&
    (query.beforeAt === undefined || task.createdAt < query.beforeAt) &&
    (!open || isOpen(task))
  const here = [...ctx.control.world.tables.task.values()].filter(matches)
  const past = open ? [] : await ctx.control.tasks({ ...query, limit })
  const known = new Set(here.map((task) => task.id))
  const all = [...here, ...past.filter((task) => !known.has(task.id))]
  all.sort((a, b) => b.createdAt - a.createdAt || number(b.id) - number(a.id))
  const tasks = pageOf(all, limit, ({ createdAt }) => createdAt).map(publicTask)
  return { tasks, nextBeforeAt: all.length >= limit ? (tasks.at(-1)?.createdAt ?? null) : null }
})

const number = (id: string) => Number(id.slice(id.indexOf('-') + 1))
