import { type EvacuationPlan, type HostId, isActive, type Task, type Vm, type World } from '@drover/model'
import { taskOf, tasksOn } from '../world/find'

/**
 * The hosts that a VM counts on for rules: where it runs, where an open task is taking or starting it, and where that started it
 * again if it failed. One that is neither counts nowhere, and neither does what a fenced host ran.
 */
export function placesOf(world: World, vm: Vm): HostId[] {
  const places = new Set<HostId>()
  const task = taskOf(world, vm.id)
  const mayReturn = task?.kind === 'vm.migrate' && task.steps.some(({ name }) => name === 'start')
  if ((isActive(vm) || mayReturn) && world.tables.host.get(vm.hostId)?.state !== 'fenced')
    places.add(vm.hostId)
  for (const id of vm.alsoOn ?? []) places.add(id)
  const target = task && targetOf(task, vm)
  if (target) places.add(target)
  return [...places]
}

/** Where a VM is or will be when what is under way and what is approved for its host has ended; null: nowhere. */
export function destinationOf(world: World, vm: Vm): HostId | null {
  const task = taskOf(world, vm.id)
  return (task && targetOf(task, vm)) ?? plannedFor(world, vm) ?? placesOf(world, vm)[0] ?? null
}

/** Where an approved plan of the VM's host takes it. */
function plannedFor(world: World, vm: Vm): HostId | null {
  if (!isActive(vm)) return null
  for (const { params, memo } of tasksOn(world, vm.hostId)) {
    const moves = (memo.moves ?? (params as { plan?: Partial<EvacuationPlan> | null }).plan?.moves) as
      | EvacuationPlan['moves']
      | undefined
    const move = moves?.find((one) => one.vm.id === vm.id)
    if (move?.target && move.method !== 'stop' && move.method !== 'leave') return move.target.id
  }
  return null
}

/** Where an open task will have its VM running; null: it will not. */
export function targetOf(task: Task, vm: Vm): HostId | null {
  switch (task.kind) {
    case 'vm.migrate': {
      // Its source may be proven dead, and the guest have arrived before that.
      const arriving = task.steps.some(
        ({ name, state }) => name === 'confirm where it runs' && state === 'running',
      )
      const runs = isActive(vm) || arriving || task.steps.some(({ name }) => name === 'start')
      return runs ? (task as Task<'vm.migrate'>).params.targetId : null
    }
    case 'vm.restart':
      return (task as Task<'vm.restart'>).params.targetId
    case 'vm.start':
      return (task as Task<'vm.start'>).params.targetId ?? vm.hostId
    case 'vm.resume':
      return vm.hostId
    default:
      return null
  }
}
