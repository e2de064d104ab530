import { publicFence } from '@drover/control'
import type { FenceDevice } from '@drover/model'
import { z } from 'zod'
import { hostId } from '../schema/id'
import { auditor } from '../trpc'

const input = z.object({ hostId: hostId.optional() }).default({})

/** Fence devices by host and level; of their secrets only which there are. */
export const list = auditor.input(input).query(({ ctx, input }): FenceDevice[] => {
  const { tables } = ctx.control.world
  const nameOf = (device: FenceDevice) => tables.host.get(device.hostId)?.name ?? ''
  return [...tables.fence.values()]
    .filter((device) => !input.hostId || device.hostId === input.hostId)
    .sort((a, b) => nameOf(a).localeCompare(nameOf(b), 'en', { numeric: true }) || a.level - b.level)
    .map(publicFence)
})
