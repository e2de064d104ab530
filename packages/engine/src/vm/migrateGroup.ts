import {
  type Change,
  isActive,
  type Refusal,
  type TaskPlan,
  type Vm,
  type VmId,
  verdict,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { choosePlaces } from '../plan/choosePlaces'
import { rulesOf } from '../rule/find'
import type { Started } from '../task/create'
import { decideMigrate, type MigrateInput, planMigrate } from './migrate'

/** The running VMs that strict rules keep with this one, itself first: alone when there are none. */
export function companionsOf(world: World, vm: Vm): Vm[] {
  const ids = new Set<VmId>([vm.id])
  const together = rulesOf(world, vm.clusterId).filter((rule) => rule.strict && rule.relation === 'together')
  for (let size = 0; size < ids.size; ) {
    size = ids.size
    for (const rule of together)
      if (rule.vmIds.some((id) => ids.has(id))) for (const id of rule.vmIds) ids.add(id)
  }
  return [...ids].flatMap((id) => {
    const other = world.tables.vm.get(id)
    return other && (id === vm.id || isActive(other)) ? [other] : []
  })
}

/** What moving the VM with all that strict rules keep with it would do; the verdict is that of all of them. */
export function planMigrateGroup(world: World, vm: Vm, input: MigrateInput): TaskPlan {
  const { members, targetId, refusals } = grouped(world, vm, input)
  const plans = members.map((member) =>
    planMigrate(world, member, inputFor(member, members, targetId, input)),
  )
  const own = plans[0]!
  const all = plans.flatMap((plan) => (plan.verdict.ok ? [] : plan.verdict.refusals))
  const times = plans.map(({ expectedMs }) => expectedMs)
  const expectedMs = times.includes(null) ? null : times.reduce<number>((sum, ms) => sum + (ms ?? 0), 0)
  return { ...own, verdict: verdict([...refusals, ...all]), expectedMs }
}

/** Moves a VM with all that strict rules keep with it: all are accepted, or none. Value: the task and plan of the VM itself. */
export function decideMigrateGroup(world: World, input: MigrateInput, ctx: Context): Decision<Started> {
  const vm = world.tables.vm.get(input.vmId)
  if (!vm) return refuse([{ code: 'not_found', noun: 'VM', id: input.vmId }])
  const { members, targetId, refusals } = grouped(world, vm, input)
  if (refusals.length > 0) return refuse(refusals)
  const decisions = members
    .filter((member) => member.hostId !== targetId)
    .map((member) => decideMigrate(world, inputFor(member, members, targetId, input), ctx))
  const against = decisions.flatMap((decision): Refusal[] => (decision.ok ? [] : decision.refusals))
  const first = decisions[0]
  if (against.length > 0 || !first?.ok) return refuse(against)
  const change: Change = decisions.flatMap((decision) => (decision.ok ? decision.change : []))
  return accept(change, first.value)
}

function inputFor(
  member: Vm,
  members: readonly Vm[],
  targetId: string | null,
  input: MigrateInput,
): MigrateInput {
  const along = members.flatMap(({ id }) => (id === member.id ? [] : [id]))
  const { method, options, reason } = input
  return { vmId: member.id, targetId, method, options, reason, along }
}

/** The group and where it goes: as asked, or where all of them fit best. */
function grouped(
  world: World,
  vm: Vm,
  { targetId }: MigrateInput,
): { members: Vm[]; targetId: string | null; refusals: Refusal[] } {
  const members = companionsOf(world, vm)
  if (targetId || members.length === 1) return { members, targetId: targetId ?? null, refusals: [] }
  const avoid = new Set([vm.hostId])
  const place = choosePlaces(world, members, { purpose: 'migrate', avoid, lean: () => null }).get(vm.id)
  if (place && 'hostId' in place) return { members, targetId: place.hostId, refusals: [] }
  return { members, targetId: null, refusals: place?.refusals ?? [] }
}
