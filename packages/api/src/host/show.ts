import type { Cluster, Host, HostUsage, Vm } from '@drover/model'
import { z } from 'zod'
import { found } from '../found'
import { hostId } from '../schema/id'
import { auditor } from '../trpc'

export interface HostShown {
  host: Host
  cluster: Cluster | null
  /** Null: its agent has not said. */
  usage: HostUsage | null
  heardAt: number | null
  vms: Vm[]
}

/** One host with what it runs and how loaded it is. */
export const show = auditor.input(z.object({ hostId })).query(({ ctx, input }): HostShown => {
  const { tables, live } = ctx.control.world
  const host = found(tables.host.get(input.hostId), 'host', input.hostId)
  const heard = live.get(host.id)
  return {
    host,
    cluster: tables.cluster.get(host.clusterId) ?? null,
    usage: heard?.usage ?? null,
    heardAt: heard?.heardAt ?? null,
    vms: [...tables.vm.values()].filter((vm) => vm.hostId === host.id),
  }
})
