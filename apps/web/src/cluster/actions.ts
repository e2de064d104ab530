import {
  type Cluster,
  type Datacenter,
  type ObjectId,
  type Ref,
  type Role,
  refOf,
  roleAllows,
  sayCount,
  sayRefusal,
} from '@drover/model'
import { HeartCrack, Pencil, Plus, RefreshCw, Server, ShieldCheck, ShieldOff, Trash2 } from 'lucide-react'
import { act } from '../api/act'
import { api } from '../api/client'
import { type DialogState, openDialog } from '../console/store'
import { navigate } from '../nav/address'
import { paths } from '../paths'
import { clustersByDatacenter, hostsByCluster, openTasksOfCluster } from '../replica/look'
import type { ReplicaTables } from '../replica/replica'
import type { Action } from '../ui/action'

const opens = (dialog: DialogState) => () => openDialog(dialog)

/** Deleting what must be empty first. */
function deletion(
  object: Ref<ObjectId>,
  noun: string,
  holds: number,
  of: string,
  dialog: DialogState,
): Action {
  const refusal = { code: 'not_empty', noun, object, holds: sayCount(holds, of) } as const
  return {
    id: `delete ${noun}`,
    label: 'Delete…',
    icon: Trash2,
    group: 'edit',
    danger: true,
    reasons: holds > 0 ? [sayRefusal(refusal)] : [],
    run: opens(dialog),
  }
}

/** What there is to do with a cluster. */
export function clusterActionsOf(tables: ReplicaTables, cluster: Cluster, role: Role): Action[] {
  const hosts = hostsByCluster(tables).get(cluster.id)?.length ?? 0
  const clusterId = cluster.id
  const needsHost = hosts === 0 ? [`${cluster.name} has no host yet. Add one first.`] : []
  const actions: Action[] = []
  if (roleAllows(role, 'operator')) {
    actions.push({
      id: 'create vm',
      label: 'New VM…',
      icon: Plus,
      group: 'new',
      reasons: needsHost,
      run: opens({ kind: 'create vm', clusterId }),
    })
  }
  if (roleAllows(role, 'admin')) {
    actions.push({
      id: 'enrol host',
      label: 'Add host…',
      icon: Server,
      group: 'new',
      reasons: [],
      run: opens({ kind: 'enrol host', clusterId }),
    })
  }
  actions.push({
    id: 'what if',
    label: 'What if a host dies',
    icon: HeartCrack,
    group: 'ha',
    reasons: needsHost,
    run: () => navigate(paths.object(clusterId, 'what-if')),
  })
  if (roleAllows(role, 'operator')) {
    const rolling = openTasksOfCluster(tables, clusterId).some((task) => task.kind === 'cluster.roll')
    actions.push({
      id: 'roll',
      label: 'Rolling maintenance…',
      icon: RefreshCw,
      group: 'ha',
      reasons: rolling ? [`${cluster.name} is in rolling maintenance already.`] : needsHost,
      run: opens({ kind: 'roll', clusterId }),
    })
  }
  if (!roleAllows(role, 'admin')) return actions
  return [
    ...actions,
    cluster.ha.mode === 'armed'
      ? {
          id: 'disarm',
          label: 'Disarm high availability…',
          icon: ShieldOff,
          group: 'ha',
          danger: true,
          reasons: [],
          run: opens({ kind: 'disarm', clusterId }),
        }
      : {
          id: 'arm',
          label: 'Arm high availability',
          icon: ShieldCheck,
          group: 'ha',
          reasons: [],
          run: () => void arm(cluster),
        },
    {
      id: 'edit cluster',
      label: 'Name and limits…',
      icon: Pencil,
      group: 'edit',
      reasons: [],
      run: opens({ kind: 'edit cluster', clusterId }),
    },
    deletion(refOf(cluster), 'cluster', hosts, 'host', { kind: 'delete cluster', clusterId }),
  ]
}

/** Lets Drover fence and restart again. */
export function arm(cluster: Cluster): Promise<boolean> {
  return act(`arm ${cluster.name}`, () =>
    api.cluster.changeHa.mutate({ clusterId: cluster.id, changes: { mode: 'armed', modeReason: null } }),
  )
}

/** What there is to do with a datacenter. */
export function datacenterActionsOf(tables: ReplicaTables, datacenter: Datacenter, role: Role): Action[] {
  if (!roleAllows(role, 'admin')) return []
  const clusters = clustersByDatacenter(tables).get(datacenter.id)?.length ?? 0
  const datacenterId = datacenter.id
  return [
    {
      id: 'add cluster',
      label: 'Add cluster…',
      icon: Plus,
      group: 'new',
      reasons: [],
      run: opens({ kind: 'add cluster', datacenterId }),
    },
    {
      id: 'rename datacenter',
      label: 'Rename…',
      icon: Pencil,
      group: 'edit',
      reasons: [],
      run: opens({ kind: 'rename datacenter', datacenterId }),
    },
    deletion(refOf(datacenter), 'datacenter', clusters, 'cluster', {
      kind: 'delete datacenter',
      datacenterId,
    }),
  ]
}
