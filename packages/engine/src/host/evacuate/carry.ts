import {
  type ChangeEvent,
  type EvacuationMove,
  type HostId,
  isActive,
  sayOutcome,
  sayRefusals,
  type Vm,
  type VmId,
  type World,
} from '@drover/model'
import { rulesOf } from '../../rule/find'
import type { Flow, Scene } from '../../task/flow'
import { asPart, endOf, openParts, partsWait } from '../../task/parts'
import { decideMigrate } from '../../vm/migrate'
import { decidePower } from '../../vm/power'
import { put } from '../../world/rows'
import { type FailedMove, type MovesMemo, type MovingKind, movesMemo } from './memo'

/** A VM that would not go is tried again this often, elsewhere where there is an elsewhere, each time after a longer pause. */
export const triesOfMove = 3
const pauseMs = 5_000
const longestPauseMs = 60_000

/** Takes note of the parts that have ended: what was moved, and what failed and why. Null: nothing has ended. */
export function reckon(scene: Scene<MovingKind>, done: (vm: Vm) => boolean): MovesMemo | null {
  const memo = movesMemo(scene)
  const ended = (memo.parts ?? []).filter(({ taskId }) => !scene.world.index.openTasks.has(taskId))
  if (ended.length === 0) return null
  const parts = (memo.parts ?? []).filter((part) => !ended.includes(part))
  const failed = { ...memo.failed }
  let moved = memo.moved ?? 0
  for (const { taskId, vmId } of ended) {
    const vm = scene.world.tables.vm.get(vmId)
    if (!vm || done(vm)) {
      delete failed[vmId]
      moved += 1
      continue
    }
    const task = endOf(scene.world, taskId)
    if (task?.state === 'cancelled' && scene.task.state === 'cancelling') continue
    const target =
      task?.kind === 'vm.migrate' ? (task.params as { targetId: `host-${number}` }).targetId : null
    const why = task?.outcome ? sayOutcome(task.outcome) : 'it is still there.'
    failed[vmId] = again(failed[vmId], target, why, scene.now)
  }
  return { parts, moved, failed }
}

function again(
  was: FailedMove | undefined,
  target: `host-${number}` | null,
  why: string,
  now: number,
): FailedMove {
  const times = (was?.times ?? 0) + 1
  const avoid = [...new Set([...(was?.avoid ?? []), ...(target ? [target] : [])])]
  return { times, avoid, why, notBefore: now + Math.min(longestPauseMs, pauseMs * 2 ** (times - 1)) }
}

/** What came of trying to begin a move. */
export type Beginning =
  | { began: true; flow: Flow }
  /** The VM is in the hands of another task, or not to be tried yet: later. */
  | { began: false; later: true }
  /** It cannot be made as planned any more. */
  | { began: false; later: false; why: string }

/**
 * Begins a move as a part of this task; at most one in each move of the task, so that the next sees what it was promised.
 * VMs that a rule keeps together begin together. `homeOf` says where each is brought home to one day.
 */
export function begin(
  scene: Scene<MovingKind>,
  vm: Vm,
  move: EvacuationMove,
  homeOf: (vm: Vm) => Vm['homeId'],
): Beginning {
  const { world, task } = scene
  const memo = movesMemo(scene)
  const { method, target } = move
  if (method === 'leave' || (method !== 'stop' && !target))
    return { began: false, later: false, why: 'it has no target' }
  const mates = method === 'stop' ? [] : matesOf(scene, vm, target!.id)
  const unit = [{ vm, move }, ...mates]
  for (const one of unit) {
    const notBefore = memo.failed?.[one.vm.id]?.notBefore ?? 0
    if (world.index.openTaskByVm.has(one.vm.id) || scene.now < notBefore) return { began: false, later: true }
  }
  const parts = [...(memo.parts ?? [])]
  const events: ChangeEvent[] = []
  for (const one of unit) {
    const along = unit.flatMap((other) => (other === one ? [] : [other.vm.id]))
    const decision = decideMove(scene, one.vm, one.move, along)
    if (!decision.ok) return { began: false, later: false, why: sayRefusals(decision.refusals) }
    // Where it was taken from is kept with the part, so that no crash can come between.
    const homeId = homeOf(one.vm)
    const rows = one.vm.homeId === homeId ? [] : [put('vm', { ...one.vm, homeId })]
    const begun = asPart(task, decision, rows)
    if (!begun.taskId) return { began: false, later: true }
    events.push(...begun.events)
    parts.push({ taskId: begun.taskId, vmId: one.vm.id })
  }
  const names = [...openParts(world, task.id).map(({ vmName }) => vmName), ...unit.map((one) => one.vm.name)]
  const left = leftOf(world, scene)
  const waiting = { code: 'parts' as const, left, of: left + (memo.moved ?? 0), names }
  return { began: true, flow: { flow: 'wait', waiting, untilAt: null, events, memo: { parts } } }
}

function decideMove(scene: Scene<MovingKind>, vm: Vm, { method, target }: EvacuationMove, along: VmId[]) {
  const { world, ctx, task } = scene
  const as = { ...ctx, initiator: task.initiator }
  const { reason } = task
  if (method === 'stop') {
    const hard = vm.power !== 'running' || movesMemo(scene).failed?.[vm.id] !== undefined
    return decidePower(
      world,
      hard ? 'vm.stop' : 'vm.shutdown',
      { vmId: vm.id, keepsDesired: true, reason },
      as,
    )
  }
  if (method === 'leave') throw new Error(`${vm.name} is left where it is: nothing is begun`)
  return decideMigrate(world, { vmId: vm.id, targetId: target!.id, method, along, reason }, as)
}

/** What a strict rule keeps together with this VM, runs where it runs, and goes where it goes. */
function matesOf(scene: Scene<MovingKind>, vm: Vm, targetId: HostId): { vm: Vm; move: EvacuationMove }[] {
  const { world } = scene
  const group = new Set<VmId>([vm.id])
  const rules = rulesOf(world, vm.clusterId).filter(
    (rule) => rule.strict && rule.kind === 'vm-vm' && rule.relation === 'together',
  )
  for (const id of group)
    for (const rule of rules) if (rule.vmIds.includes(id)) for (const other of rule.vmIds) group.add(other)
  group.delete(vm.id)
  const moves = movesMemo(scene).moves ?? scene.task.params.plan?.moves ?? []
  return [...group].flatMap((id) => {
    const mate = world.tables.vm.get(id)
    const move = moves.find((one) => one.vm.id === id && one.target?.id === targetId)
    const goes = mate && move && move.blockers.length === 0 && isActive(mate) && mate.hostId !== targetId
    return goes && !world.index.openTaskByVm.has(id) ? [{ vm: mate, move }] : []
  })
}

/** How many parts may be open at once: one more than may run, so that the next is ready when one ends. */
export function roomForParts(scene: Scene<MovingKind>): boolean {
  const perHost = scene.world.tables.cluster.get(scene.task.clusterId)?.migrationLimits.perHost ?? 1
  return openParts(scene.world, scene.task.id).length < perHost + 1
}

/** Waits for the parts that are open. */
export function waitForParts(
  scene: Scene<MovingKind>,
  effects: { memo?: object; events?: ChangeEvent[] } = {},
): Flow {
  const left = leftOf(scene.world, scene)
  const waiting = partsWait(openParts(scene.world, scene.task.id), left, left + (movesMemo(scene).moved ?? 0))
  return { flow: 'wait', waiting, untilAt: null, ...(effects as object) }
}

/** VMs that still have to go, by the task's own plan. */
function leftOf(world: World, scene: Scene<MovingKind>): number {
  const moves = movesMemo(scene).moves ?? scene.task.params.plan?.moves ?? []
  return moves.filter(({ vm, target, method }) => {
    const row = world.tables.vm.get(vm.id)
    return row && isActive(row) && method !== 'leave' && (method === 'stop' || row.hostId !== target?.id)
  }).length
}
