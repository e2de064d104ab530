import type { Host } from '@drover/model'
import { z } from 'zod'
import { clusterId } from '../schema/id'
import { auditor } from '../trpc'

const input = z.object({ clusterId: clusterId.optional() }).default({})

/** Every host, or those of one cluster, by name. */
export const list = auditor.input(input).query(({ ctx, input }): Host[] => {
  const hosts = [...ctx.control.world.tables.host.values()]
  return hosts
    .filter((host) => !input.clusterId || host.clusterId === input.clusterId)
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
})
