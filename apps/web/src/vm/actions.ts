import {
  mayVm,
  type Role,
  roleMayVm,
  sayRefusal,
  type TaskKind,
  taskVerbs,
  type Vm,
  type VmVerb,
} from '@drover/model'
import {
  ArrowRightLeft,
  CircleHelp,
  CircleStop,
  type LucideIcon,
  Pause,
  Pencil,
  Play,
  Power,
  RotateCcw,
  RotateCw,
  SquareArrowRight,
  Trash2,
} from 'lucide-react'
import { act } from '../api/act'
import { api } from '../api/client'
import { openDialog } from '../console/store'
import { openTaskByVm } from '../replica/look'
import type { ReplicaTables } from '../replica/replica'
import type { Action } from '../ui/action'

interface Row {
  label: string
  icon: LucideIcon
  group: string
  run: (vm: Vm) => void
}

/** Verbs that act at once: nothing is lost by them, and undoing is one click. */
function atOnce(verb: 'start' | 'suspend' | 'resume') {
  return (vm: Vm) => {
    const kind: TaskKind = `vm.${verb}`
    void act(`${taskVerbs[kind]} ${vm.name}`, () => api.vm[verb].mutate({ vmId: vm.id }), {
      vmIds: [vm.id],
      kind,
    })
  }
}

function asking(verb: VmVerb) {
  return (vm: Vm) => openDialog({ kind: 'power', verb, vmIds: [vm.id] })
}

/** What there is to do with a VM, in the order of every menu. */
const rows: Record<VmVerb, Row> = {
  start: { label: 'Power on', icon: Play, group: 'power', run: atOnce('start') },
  shutdown: { label: 'Shut down…', icon: Power, group: 'power', run: asking('shutdown') },
  reboot: { label: 'Reboot…', icon: RotateCw, group: 'power', run: asking('reboot') },
  suspend: { label: 'Suspend', icon: Pause, group: 'power', run: atOnce('suspend') },
  resume: { label: 'Resume', icon: SquareArrowRight, group: 'power', run: atOnce('resume') },
  stop: { label: 'Hard stop…', icon: CircleStop, group: 'hard', run: asking('stop') },
  reset: { label: 'Reset…', icon: RotateCcw, group: 'hard', run: asking('reset') },
  migrate: {
    label: 'Migrate…',
    icon: ArrowRightLeft,
    group: 'move',
    run: (vm) => openDialog({ kind: 'migrate', vmId: vm.id }),
  },
  change: {
    label: 'Edit…',
    icon: Pencil,
    group: 'edit',
    run: (vm) => openDialog({ kind: 'edit vm', vmId: vm.id }),
  },
  delete: {
    label: 'Delete…',
    icon: Trash2,
    group: 'edit',
    run: (vm) => openDialog({ kind: 'delete vm', vmId: vm.id }),
  },
}

export const vmVerbs = Object.keys(rows) as VmVerb[]
export const verbLabels = Object.fromEntries(vmVerbs.map((verb) => [verb, rows[verb].label])) as Record<
  VmVerb,
  string
>
export const verbIcons = Object.fromEntries(vmVerbs.map((verb) => [verb, rows[verb].icon])) as Record<
  VmVerb,
  LucideIcon
>

/** Why a verb is not possible for a VM now, as sentences. */
export function reasonsAgainst(tables: ReplicaTables, vm: Vm, verb: VmVerb): string[] {
  const host = tables.host.get(vm.hostId)
  return mayVm(verb, { vm, host, task: openTaskByVm(tables).get(vm.id) }).map(sayRefusal)
}

/** The actions of a VM for its header, its menus and the palette; what the role may never do is left out. */
export function vmActionsOf(tables: ReplicaTables, vm: Vm, role: Role): Action[] {
  const whyNot: Action = {
    id: 'why not',
    label: 'Why not elsewhere…',
    icon: CircleHelp,
    group: 'move',
    reasons: [],
    run: () => openDialog({ kind: 'why not', vmId: vm.id }),
  }
  const actions: Action[] = vmVerbs
    .filter((verb) => roleMayVm(verb, role))
    .map((verb) => ({
      id: verb,
      label: rows[verb].label,
      icon: rows[verb].icon,
      group: rows[verb].group,
      danger: verb === 'delete',
      reasons: reasonsAgainst(tables, vm, verb),
      run: () => rows[verb].run(vm),
    }))
  const after = actions.findIndex(({ id }) => id === 'migrate') + 1
  return [...actions.slice(0, after), whyNot, ...actions.slice(after)]
}
