import { type Ref, refOf } from '../id'
import type { Refusal } from '../refusal/refusal'
import { sayInitiator, sayTask } from '../say/task'
import { isOpen, type Task, type TaskKind } from '../task/task'
import { type Role, roleAllows } from '../user'
import type { Host, HostMode, HostState } from './host'

export type HostVerb =
  | 'evacuate'
  | 'enterMaintenance'
  | 'exitMaintenance'
  | 'shutdown'
  | 'reboot'
  | 'fence'
  | 'confirmOff'
  | 'powerOn'
  | 'sleep'
  | 'wake'
  | 'proveWake'

/** "May I": what each verb needs of a host. The button, the palette and the procedure read the same row. */
export interface HostActionRow {
  /** The states in which it makes sense. */
  states: readonly HostState[]
  modes: readonly HostMode[]
  role: Role
  /** Whether it needs a fence device that is in use. */
  device: boolean
  /** Kinds of open tasks about this host that do not stand in its way. */
  beside: readonly TaskKind[]
  /** Guests may stop: asks for the host's name. */
  danger: boolean
}

const anyMode = ['normal', 'entering', 'maintenance'] as const
const offModes = [...anyMode, 'standby'] as const
const up = ['connected'] as const
const unproven = ['connecting', 'suspect', 'unwatched', 'isolated', 'fencing'] as const
const none = { device: false, beside: [], danger: false } as const

export const hostActions: Readonly<Record<HostVerb, HostActionRow>> = {
  evacuate: { ...none, states: up, modes: ['normal', 'entering'], role: 'operator' },
  // One that is proven off runs nothing: it gets no VMs either when it comes back. One that sleeps is not woken for it.
  enterMaintenance: {
    ...none,
    states: ['connected', 'fenced'],
    modes: ['normal', 'entering', 'standby'],
    role: 'operator',
  },
  // Ends an evacuation that is under way as well.
  exitMaintenance: {
    ...none,
    states: ['connected', 'fenced', ...unproven],
    modes: ['entering', 'maintenance'],
    role: 'operator',
    beside: ['host.evacuate', 'host.fence', 'host.powerOn'],
  },
  shutdown: { ...none, states: up, modes: anyMode, role: 'operator', danger: true },
  reboot: { ...none, states: up, modes: anyMode, role: 'operator', danger: true },
  // Whatever else is being done there, a host that has to be cut off is cut off.
  fence: {
    states: ['connected', ...unproven],
    modes: anyMode,
    role: 'operator',
    device: true,
    beside: [
      'host.evacuate',
      'host.exitMaintenance',
      'host.shutdown',
      'host.powerOn',
      'host.sleep',
      'host.wake',
    ],
    danger: true,
  },
  confirmOff: {
    states: unproven,
    modes: anyMode,
    role: 'operator',
    device: false,
    beside: [
      'host.fence',
      'host.evacuate',
      'host.exitMaintenance',
      'host.shutdown',
      'host.powerOn',
      'host.sleep',
      'host.wake',
    ],
    danger: true,
  },
  powerOn: { ...none, states: ['fenced'], modes: offModes, role: 'operator', device: true },
  sleep: { ...none, states: up, modes: ['normal'], role: 'operator', device: true },
  wake: { ...none, states: ['fenced'], modes: ['standby'], role: 'operator', device: true },
  // Shows that it can be woken: it goes down and comes up again, empty.
  proveWake: { ...none, states: up, modes: ['normal', 'maintenance'], role: 'operator', device: true },
}

/** What the table is asked about: a host, the open tasks about it, and how many fence devices in use it has. */
export interface HostSituation {
  host: Pick<Host, 'id' | 'name' | 'state' | 'stateSince' | 'mode' | 'modeReason'>
  tasks: readonly Pick<Task, 'id' | 'kind' | 'vmName' | 'host' | 'state' | 'initiator'>[]
  fences: number
}

const modeWords: Record<HostMode, string> = {
  normal: 'in service',
  entering: 'being emptied',
  maintenance: 'in maintenance',
  standby: 'asleep to save power',
}

/** Every reason against doing `verb` to this host now, whoever asks; none: it may be asked for. */
export function mayHost(verb: HostVerb, { host, tasks, fences }: HostSituation): Refusal[] {
  const row = hostActions[verb]
  const refusals: Refusal[] = []
  const self = refOf(host)
  const asleep = host.mode === 'standby' && !row.modes.includes('standby')
  if (asleep) refusals.push({ code: 'host_asleep', host: self, why: host.modeReason })
  else if (!row.states.includes(host.state)) {
    const silent = ['suspect', 'unwatched', 'isolated'].includes(host.state)
    if (silent) refusals.push({ code: 'host_silent', host: self, sinceAt: host.stateSince })
    else if (host.state === 'fenced') refusals.push({ code: 'host_fenced', host: self })
    else if (verb === 'confirmOff') refusals.push({ code: 'host_heard', host: self })
    else refusals.push({ code: 'host_state', host: self, is: host.state, needs: [...row.states] })
  }
  if (!asleep && !row.modes.includes(host.mode)) {
    if (host.mode === 'maintenance')
      refusals.push({ code: 'host_maintenance', host: self, reason: host.modeReason })
    else {
      const needs = row.modes.map((mode) => modeWords[mode])
      refusals.push({ code: 'host_state', host: self, is: modeWords[host.mode], needs })
    }
  }
  for (const task of tasks) {
    if (task.host?.id !== host.id || !isOpen(task) || row.beside.includes(task.kind)) continue
    // Done in a moment, and in nobody's way.
    if (task.kind === 'host.clean') continue
    const ref: Ref = { id: task.id, name: sayTask(task) }
    refusals.push({ code: 'host_task', host: self, task: ref, by: sayInitiator(task.initiator) })
  }
  if (row.device && fences === 0) refusals.push({ code: 'no_fence_device', host: self })
  return refusals
}

/** Whether somebody of this role may ever do it. What a role may never do is hidden, not disabled. */
export function roleMayHost(verb: HostVerb, role: Role): boolean {
  return roleAllows(role, hostActions[verb].role)
}
