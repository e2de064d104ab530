import { type Host, isActive, isOpen, type Role, refOf, roleAllows, sayRefusal, sayTask } from '@drover/model'
import { Construction, Plus, Trash2, Undo2 } from 'lucide-react'
import { act } from '../api/act'
import { api } from '../api/client'
import { openDialog } from '../console/store'
import { vmsByHost } from '../replica/look'
import type { ReplicaTables } from '../replica/replica'
import type { Action } from '../ui/action'

/** What there is to do with a host. */
export function hostActionsOf(tables: ReplicaTables, host: Host, role: Role): Action[] {
  const actions: Action[] = []
  if (roleAllows(role, 'operator')) {
    actions.push({
      id: 'create vm',
      label: 'New VM here…',
      icon: Plus,
      group: 'new',
      reasons: newVmReasons(host),
      run: () => openDialog({ kind: 'create vm', clusterId: host.clusterId, hostId: host.id }),
    })
    actions.push(
      host.mode === 'normal'
        ? {
            id: 'enter maintenance',
            label: 'Enter maintenance…',
            icon: Construction,
            group: 'mode',
            reasons: maintenanceReasons(tables, host),
            run: () => openDialog({ kind: 'enter maintenance', hostId: host.id }),
          }
        : {
            id: 'exit maintenance',
            label: 'End maintenance',
            icon: Undo2,
            group: 'mode',
            reasons: [],
            run: () =>
              void act(`end the maintenance of ${host.name}`, () =>
                api.host.exitMaintenance.mutate({ hostId: host.id }),
              ),
          },
    )
  }
  if (roleAllows(role, 'admin')) {
    actions.push({
      id: 'remove host',
      label: 'Remove from Drover…',
      icon: Trash2,
      group: 'remove',
      danger: true,
      reasons: busyReasons(tables, host),
      run: () => openDialog({ kind: 'remove host', hostId: host.id }),
    })
  }
  return actions
}

function newVmReasons(host: Host): string[] {
  const ref = refOf(host)
  return [
    ...(host.state === 'connected'
      ? []
      : [sayRefusal({ code: 'host_silent', host: ref, sinceAt: host.stateSince })]),
    ...(host.mode === 'maintenance'
      ? [sayRefusal({ code: 'host_maintenance', host: ref, reason: host.modeReason })]
      : []),
  ]
}

function maintenanceReasons(tables: ReplicaTables, host: Host): string[] {
  const vms = (vmsByHost(tables).get(host.id) ?? []).filter(isActive).map(refOf)
  return [
    ...(vms.length > 0 ? [sayRefusal({ code: 'host_not_empty', host: refOf(host), vms })] : []),
    ...busyReasons(tables, host),
  ]
}

function busyReasons(tables: ReplicaTables, host: Host): string[] {
  const tasks = [...tables.task.values()]
    .filter((task) => isOpen(task) && task.hostIds.includes(host.id))
    .map((task) => ({ id: task.id, name: sayTask(task) }))
  return tasks.length > 0
    ? [sayRefusal({ code: 'host_busy', host: refOf(host), tasks, silent: host.state !== 'connected' })]
    : []
}
