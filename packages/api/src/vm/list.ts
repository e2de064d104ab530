import type { Vm } from '@drover/model'
import { z } from 'zod'
import { clusterId, hostId } from '../schema/id'
import { auditor } from '../trpc'

const input = z.object({ clusterId: clusterId.optional(), hostId: hostId.optional() }).default({})

/** Every VM, or those of one cluster or host, by name. */
export const list = auditor.input(input).query(({ ctx, input }): Vm[] => {
  const vms = [...ctx.control.world.tables.vm.values()]
  return vms
    .filter((vm) => !input.clusterId || vm.clusterId === input.clusterId)
    .filter((vm) => !input.hostId || vm.hostId === input.hostId)
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
})
