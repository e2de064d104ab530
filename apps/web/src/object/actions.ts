import type { ObjectId, Role } from '@drover/model'
import { clusterActionsOf, datacenterActionsOf } from '../cluster/actions'
import { hostActionsOf } from '../host/actions'
import type { ReplicaTables } from '../replica/replica'
import { whileStanding } from '../replica/standing'
import type { Action } from '../ui/action'
import { vmActionsOf } from '../vm/actions'

/** The actions of any object: the same in its header, in the tree, in lists and in the palette. */
export function actionsOf(tables: ReplicaTables, id: ObjectId, role: Role): Action[] {
  return whileStanding(possible(tables, id, role))
}

function possible(tables: ReplicaTables, id: ObjectId, role: Role): Action[] {
  const vm = tables.vm.get(id)
  if (vm) return vmActionsOf(tables, vm, role)
  const host = tables.host.get(id)
  if (host) return hostActionsOf(tables, host, role)
  const cluster = tables.cluster.get(id)
  if (cluster) return clusterActionsOf(tables, cluster, role)
  const datacenter = tables.datacenter.get(id)
  return datacenter ? datacenterActionsOf(tables, datacenter, role) : []
}
