import {
  type Cluster,
  type Datacenter,
  type Role,
  refOf,
  roleAllows,
  sayCount,
  sayRefusal,
} from '@drover/model'
import { Pencil, Plus, Server, Trash2 } from 'lucide-react'
import { openDialog } from '../console/store'
import { clustersByDatacenter, hostsByCluster } from '../replica/look'
import type { ReplicaTables } from '../replica/replica'
import type { Action } from '../ui/action'

/** What there is to do with a cluster. */
export function clusterActionsOf(tables: ReplicaTables, cluster: Cluster, role: Role): Action[] {
  const actions: Action[] = []
  const hosts = hostsByCluster(tables).get(cluster.id)?.length ?? 0
  if (roleAllows(role, 'operator')) {
    actions.push({
      id: 'create vm',
      label: 'New VM…',
      icon: Plus,
      group: 'new',
      reasons: hosts === 0 ? [`${cluster.name} has no host yet. Add one first.`] : [],
      run: () => openDialog({ kind: 'create vm', clusterId: cluster.id }),
    })
  }
  if (!roleAllows(role, 'admin')) return actions
  const held = sayRefusal({
    code: 'not_empty',
    noun: 'cluster',
    object: refOf(cluster),
    holds: sayCount(hosts, 'host'),
  })
  return [
    ...actions,
    {
      id: 'enrol host',
      label: 'Add host…',
      icon: Server,
      group: 'new',
      reasons: [],
      run: () => openDialog({ kind: 'enrol host', clusterId: cluster.id }),
    },
    {
      id: 'edit cluster',
      label: 'Name and limits…',
      icon: Pencil,
      group: 'edit',
      reasons: [],
      run: () => openDialog({ kind: 'edit cluster', clusterId: cluster.id }),
    },
    {
      id: 'delete cluster',
      label: 'Delete…',
      icon: Trash2,
      group: 'edit',
      danger: true,
      reasons: hosts > 0 ? [held] : [],
      run: () => openDialog({ kind: 'delete cluster', clusterId: cluster.id }),
    },
  ]
}

/** What there is to do with a datacenter. */
export function datacenterActionsOf(tables: ReplicaTables, datacenter: Datacenter, role: Role): Action[] {
  if (!roleAllows(role, 'admin')) return []
  const clusters = clustersByDatacenter(tables).get(datacenter.id)?.length ?? 0
  const held = sayRefusal({
    code: 'not_empty',
    noun: 'datacenter',
    object: refOf(datacenter),
    holds: sayCount(clusters, 'cluster'),
  })
  return [
    {
      id: 'add cluster',
      label: 'Add cluster…',
      icon: Plus,
      group: 'new',
      reasons: [],
      run: () => openDialog({ kind: 'add cluster', datacenterId: datacenter.id }),
    },
    {
      id: 'rename datacenter',
      label: 'Rename…',
      icon: Pencil,
      group: 'edit',
      reasons: [],
      run: () => openDialog({ kind: 'rename datacenter', datacenterId: datacenter.id }),
    },
    {
      id: 'delete datacenter',
      label: 'Delete…',
      icon: Trash2,
      group: 'edit',
      danger: true,
      reasons: clusters > 0 ? [held] : [],
      run: () => openDialog({ kind: 'delete datacenter', datacenterId: datacenter.id }),
    },
  ]
}
