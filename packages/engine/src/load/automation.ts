import { refOf, type Vm, type World } from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { put } from '../world/rows'

/** How far rules go with a VM by themselves; null: as far as its cluster says. It only ever holds them back. */
export function decideChangeAutomation(
  world: World,
  { vmId, automation }: { vmId: string; automation: Vm['automation'] | null },
  ctx: Context,
): Decision {
  const vm = world.tables.vm.get(vmId)
  if (!vm) return refuse([{ code: 'not_found', noun: 'VM', id: vmId }])
  if ((vm.automation ?? null) === (automation ?? null)) return accept([], null)
  const { automation: _, ...rest } = vm
  const row: Vm = automation ? { ...rest, automation } : rest
  const body = {
    kind: 'vm.automation',
    vm: refOf(vm),
    automation: automation ?? 'cluster',
    before: vm.automation ?? 'cluster',
  } as const
  return accept([{ body, initiator: ctx.initiator, rows: [put('vm', row)] }], null)
}
