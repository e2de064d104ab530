import {
  type ChangeEvent,
  type Outcome,
  type Refusal,
  refOf,
  type TaskPlan,
  type Vm,
  verdict,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { mayKeep } from '../recover/leftover'
import { leaveVm } from '../recover/story'
import { withoutGone } from '../rule/decide'
import { type Started, startTask } from '../task/create'
import { type Flow, interrupted, type Scene, send } from '../task/flow'
import { Changes } from '../world/changes'
import { hostOf, hostRef, pathOn } from '../world/find'
import { drop } from '../world/rows'
import { checkFree, checkListening, checkOnce, checkPower } from './check'
import { desiredChanged } from './desired'
import { causeOf, gone, remedies } from './power'
import { powerChanged } from './rows'

/** Every reason against deleting; a VM that its host lost may be deleted too. */
export function checkDelete(world: World, vm: Vm, confirmName: string | null): Refusal[] {
  const refusals: Refusal[] = [
    ...checkFree(world, vm),
    ...checkListening(hostOf(world, vm.hostId)),
    ...checkPower(vm, ['off', 'crashed']),
    ...checkOnce(world, vm),
  ]
  if (confirmName !== vm.name) refusals.push({ code: 'confirm_name', noun: 'VM', name: vm.name })
  return refusals
}

export function planDelete(world: World, vm: Vm, confirmName: string | null): TaskPlan {
  const host = hostRef(world, vm.hostId)
  return {
    what: 'vm.delete',
    vm: refOf(vm),
    verdict: verdict(checkDelete(world, vm, confirmName)),
    steps: [
      { name: 'remove the definition', host },
      { name: 'delete the disks', host },
    ],
    target: null,
    method: null,
    expectedMs: null,
  }
}

/** Accepts a deletion, disks included, as a task. */
export function decideDelete(
  world: World,
  { vmId, confirmName, reason }: { vmId: string; confirmName: string; reason?: string | null },
  ctx: Context,
): Decision<Started> {
  const vm = world.tables.vm.get(vmId)
  if (!vm) return refuse([{ code: 'not_found', noun: 'VM', id: vmId }])
  const decided = startTask(world, ctx, planDelete(world, vm, confirmName), () => ({
    kind: 'vm.delete',
    params: {},
    vm: refOf(vm),
    clusterId: vm.clusterId,
    hostIds: [vm.hostId],
    reason: reason ?? null,
  }))
  if (!decided.ok) return decided
  // A deletion that stops half-way leaves a VM that nobody wants started.
  const changes = new Changes(world, ctx)
  changes.add(desiredChanged(vm, 'stopped', { initiator: ctx.initiator, taskId: null, outside: false }))
  leaveVm(changes, vm, 'stopped', 'it is being deleted')
  changes.add(decided.change)
  return accept(changes.events, decided.value)
}

/** The definition goes first: from then on nothing can start it while its disks are being deleted. */
export function deleteStep(scene: Scene<'vm.delete'>): Flow {
  const { vm, said, step } = scene
  if (!vm) return { flow: 'finish', state: 'failed', outcome: gone(scene) }
  if (said?.result.ok) return step === 'delete the disks' ? finished(scene, vm) : { flow: 'next' }
  if (said && !interrupted(said)) {
    const { error, message } = said.result as { error: string; message: string }
    const host = hostRef(scene.world, vm.hostId)
    const remedy = remedies[error] ?? null
    const what = step === 'delete the disks' ? 'delete the disks of' : 'delete'
    return {
      flow: 'finish',
      state: 'failed',
      outcome: { code: 'command_failed', what, vm: refOf(vm), host, cause: message, remedy },
      events: step === 'delete the disks' ? disksLeft(scene, vm) : [],
    }
  }
  if (step !== 'delete the disks') return send(vm.hostId, { kind: 'vm.undefine', uuid: vm.uuid })
  const paths = ownDisks(scene.world, vm)
  return paths.length > 0 ? send(vm.hostId, { kind: 'disk.delete', paths }) : finished(scene, vm)
}

/** The definition is gone and disks are left: it stays in the inventory, so that deleting can be tried again. */
function disksLeft(scene: Scene, vm: Vm): ChangeEvent[] {
  const host = hostOf(scene.world, vm.hostId)
  return powerChanged(vm, host, 'missing', 'its disks could not be deleted', causeOf(scene), scene.now)
}

/** The disks to delete: those on a datastore we know that no other VM uses. */
function ownDisks(world: World, vm: Vm): string[] {
  const others = new Set<string>()
  for (const other of world.tables.vm.values())
    if (other.id !== vm.id) for (const disk of other.disks) others.add(`${disk.datastoreId} ${disk.path}`)
  const host = hostOf(world, vm.hostId)
  return vm.disks
    .filter((disk) => !others.has(`${disk.datastoreId} ${disk.path}`))
    .flatMap((disk) => pathOn(host, disk) ?? [])
}

/** Only now, with nothing of it left at its host, the VM leaves the inventory; what others have of it is noted on them. */
function finished(scene: Scene<'vm.delete'>, vm: Vm): Flow {
  const { initiator, id: taskId } = scene.task
  const disks = ownDisks(scene.world, vm).length
  const { hosts, rows: noted } = mayKeep(scene.world, vm)
  const left = hosts.length > 0 ? { left: hosts.map(refOf) } : {}
  const rows = [drop('vm', vm.id), drop('definition', vm.id), ...noted]
  return {
    flow: 'finish',
    state: 'succeeded',
    outcome: { code: 'deleted', vm: refOf(vm), disks },
    events: [
      ...withoutGone(scene.world, vm.clusterId, new Set([vm.id]), { initiator, taskId }),
      { body: { kind: 'vm.deleted', vm: refOf(vm), ...left }, initiator, taskId, rows },
    ],
  }
}

export function deleteOutcome(scene: Scene<'vm.delete'>): { state: 'succeeded'; outcome: Outcome } {
  return { state: 'succeeded', outcome: gone(scene) }
}
