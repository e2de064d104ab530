import {
  type Host,
  type HostId,
  type HostVerb,
  isOpen,
  mayHost,
  type Role,
  refOf,
  roleAllows,
  roleMayHost,
  sayRefusal,
  sayTask,
} from '@drover/model'
import {
  AlarmClockCheck,
  CircleCheck,
  CircleStop,
  Construction,
  HeartPulse,
  type LucideIcon,
  Moon,
  Plus,
  Power,
  PowerOff,
  RotateCw,
  Sunrise,
  Trash2,
  Truck,
  Undo2,
} from 'lucide-react'
import { act } from '../api/act'
import { api } from '../api/client'
import { openDialog } from '../console/store'
import type { ReplicaTables } from '../replica/replica'
import type { Action } from '../ui/action'
import { isQuarantined } from './state'

interface Row {
  id: string
  label: string
  icon: LucideIcon
  group: string
  danger?: boolean
  run: (host: Host) => void
}

/** What there is to do with a host, in the order of every menu. */
const rows: Record<HostVerb, Row> = {
  evacuate: {
    id: 'evacuate',
    label: 'Evacuate…',
    icon: Truck,
    group: 'mode',
    run: (host) => openDialog({ kind: 'evacuate', hostId: host.id, goal: 'nothing' }),
  },
  enterMaintenance: {
    id: 'enter maintenance',
    label: 'Enter maintenance…',
    icon: Construction,
    group: 'mode',
    run: (host) => openDialog({ kind: 'evacuate', hostId: host.id, goal: 'maintenance' }),
  },
  exitMaintenance: {
    id: 'exit maintenance',
    label: 'Exit maintenance…',
    icon: Undo2,
    group: 'mode',
    run: (host) => openDialog({ kind: 'exit maintenance', hostId: host.id }),
  },
  shutdown: {
    id: 'shut down',
    label: 'Shut down…',
    icon: PowerOff,
    group: 'power',
    run: (host) => openDialog({ kind: 'shut down host', hostId: host.id, reboot: false }),
  },
  reboot: {
    id: 'reboot',
    label: 'Reboot…',
    icon: RotateCw,
    group: 'power',
    run: (host) => openDialog({ kind: 'shut down host', hostId: host.id, reboot: true }),
  },
  powerOn: {
    id: 'power on',
    label: 'Power on',
    icon: Power,
    group: 'power',
    run: (host) => void act(`power on ${host.name}`, () => api.host.powerOn.mutate({ hostId: host.id })),
  },
  sleep: {
    id: 'sleep',
    label: 'Put to sleep…',
    icon: Moon,
    group: 'power',
    run: (host) => openDialog({ kind: 'sleep', hostId: host.id }),
  },
  wake: {
    id: 'wake',
    label: 'Wake',
    icon: Sunrise,
    group: 'power',
    run: (host) => wake(host),
  },
  proveWake: {
    id: 'prove wake',
    label: 'Prove that it wakes…',
    icon: AlarmClockCheck,
    group: 'power',
    run: (host) => openDialog({ kind: 'sleep', hostId: host.id, test: true }),
  },
  fence: {
    id: 'fence',
    label: 'Fence…',
    icon: CircleStop,
    group: 'fence',
    danger: true,
    run: (host) => openDialog({ kind: 'fence host', hostId: host.id }),
  },
  confirmOff: {
    id: 'confirm off',
    label: 'Confirm that it is off…',
    icon: CircleCheck,
    group: 'fence',
    danger: true,
    run: (host) => openDialog({ kind: 'confirm off', hostId: host.id }),
  },
}

/** Switches a sleeping host on; nothing is lost by it, so nothing is asked. */
export function wake(host: Host): void {
  void act(`wake ${host.name}`, () => api.host.wake.mutate({ hostId: host.id }))
}

/** Why a verb is not possible for a host now, as sentences. */
export function reasonsAgainstHost(tables: ReplicaTables, host: Host, verb: HostVerb): string[] {
  const tasks = [...tables.task.values()].filter((task) => isOpen(task) && task.host?.id === host.id)
  return mayHost(verb, { host, tasks, fences: devicesOf(tables, host.id).length }).map(sayRefusal)
}

/** The fence devices of a host that are in use, as the levels go. */
export function devicesOf(tables: ReplicaTables, hostId: HostId) {
  return [...tables.fence.values()]
    .filter((device) => device.hostId === hostId && device.enabled)
    .sort((a, b) => a.level - b.level)
}

/** The actions of a host for its header, its menus and the palette; what the role may never do is left out. */
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
  }
  for (const verb of Object.keys(rows) as HostVerb[]) {
    if (!roleMayHost(verb, role)) continue
    const { run, ...row } = rows[verb]
    actions.push({ ...row, reasons: reasonsAgainstHost(tables, host, verb), run: () => run(host) })
  }
  if (roleAllows(role, 'operator')) {
    actions.push({
      id: 'end quarantine',
      label: 'End quarantine',
      icon: HeartPulse,
      group: 'fence',
      reasons: isQuarantined(host) ? [] : [`${host.name} is not in quarantine.`],
      run: () =>
        void act(`end the quarantine of ${host.name}`, () =>
          api.host.endQuarantine.mutate({ hostId: host.id }),
        ),
    })
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
    ...(host.mode === 'normal'
      ? []
      : [sayRefusal({ code: 'host_maintenance', host: ref, reason: host.modeReason })]),
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
