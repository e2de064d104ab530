import type { Host } from '../host/host'
import { type Ref, refOf } from '../id'
import type { Refusal } from '../refusal/refusal'
import { sayInitiator, sayTask, taskVerbs } from '../say/task'
import { isOpen, type Task } from '../task/task'
import { type Role, roleAllows } from '../user'
import type { Vm, VmPower } from './vm'

export type VmVerb =
  | 'start'
  | 'shutdown'
  | 'stop'
  | 'reboot'
  | 'reset'
  | 'suspend'
  | 'resume'
  | 'migrate'
  | 'change'
  | 'delete'

/** "May I": what each verb needs. The button, the palette and the procedure read the same row. */
export interface VmActionRow {
  /** The power states in which it makes sense. */
  needs: readonly VmPower[]
  role: Role
  /** Whether its host has to answer. */
  host: boolean
  /** Work in the guest may be lost. */
  danger: boolean
}

const off = ['off', 'crashed'] as const
const on = ['running'] as const
const active = ['running', 'paused'] as const

export const vmActions: Readonly<Record<VmVerb, VmActionRow>> = {
  start: { needs: off, role: 'operator', host: true, danger: false },
  shutdown: { needs: on, role: 'operator', host: true, danger: false },
  stop: { needs: active, role: 'operator', host: true, danger: true },
  reboot: { needs: on, role: 'operator', host: true, danger: false },
  reset: { needs: active, role: 'operator', host: true, danger: true },
  suspend: { needs: on, role: 'operator', host: true, danger: false },
  resume: { needs: ['paused'], role: 'operator', host: true, danger: false },
  migrate: { needs: ['running', 'off', 'crashed'], role: 'operator', host: true, danger: false },
  change: { needs: ['running', 'paused', 'off', 'crashed'], role: 'operator', host: true, danger: false },
  delete: { needs: [...off, 'missing'], role: 'operator', host: true, danger: true },
}

/** What the table is asked about: a VM, its home and the work under way on it. */
export interface VmSituation {
  vm: Pick<Vm, 'id' | 'name' | 'power'>
  host: Pick<Host, 'id' | 'name' | 'state' | 'stateSince'> | undefined
  /** The open task of this VM, if any. */
  task: Pick<Task, 'id' | 'kind' | 'vmName' | 'host' | 'state' | 'initiator'> | undefined
}

/** Every reason against doing `verb` to this VM now, whoever asks; none: it may be asked for. */
export function mayVm(verb: VmVerb, { vm, host, task }: VmSituation): Refusal[] {
  const row = vmActions[verb]
  const refusals: Refusal[] = []
  const self = refOf(vm)
  if (vm.power === 'missing' && host && !row.needs.includes('missing')) {
    refusals.push({ code: 'vm_missing', vm: self, host: refOf(host) })
  } else if (!row.needs.includes(vm.power)) {
    refusals.push({ code: 'vm_power', vm: self, is: vm.power, needs: [...row.needs] })
  }
  if (task && isOpen(task)) {
    const ref: Ref = { id: task.id, name: sayTask(task) }
    const by = sayInitiator(task.initiator)
    refusals.push({ code: 'vm_busy', vm: self, task: ref, doing: taskVerbs[task.kind], by })
  }
  if (row.host && host) refusals.push(...againstHost(verb, host))
  return refusals
}

/** Why a VM's host cannot carry out the verb now. To power on, it matters what is known of it. */
export function againstHost(
  verb: VmVerb,
  host: Pick<Host, 'id' | 'name' | 'state' | 'stateSince'> & Partial<Pick<Host, 'mode' | 'modeReason'>>,
): Refusal[] {
  const ref = refOf(host)
  if (host.state === 'connected') return []
  // It is started on another host, or its home is woken for it.
  if (host.state === 'fenced' && host.mode === 'standby' && verb === 'start') return []
  if (host.state === 'fenced' && host.mode === 'standby')
    return [{ code: 'host_asleep', host: ref, why: host.modeReason ?? null }]
  if (host.state === 'fenced') return [{ code: 'host_fenced', host: ref }]
  if (verb === 'start' && (host.state === 'isolated' || host.state === 'fencing'))
    return [{ code: 'host_not_proven', host: ref, state: host.state }]
  return [{ code: 'host_silent', host: ref, sinceAt: host.stateSince }]
}

/** Whether somebody of this role may ever do it. What a role may never do is hidden, not disabled. */
export function roleMayVm(verb: VmVerb, role: Role): boolean {
  return roleAllows(role, vmActions[verb].role)
}
