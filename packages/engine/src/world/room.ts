import { type Datastore, type Host, isActive, type Task, type TaskId, type World } from '@drover/model'
import { tasksOn, vmsOn } from './find'

/** Memory that VMs may use on a host at all. */
export function usableMemoryBytes(host: Host): number {
  return host.facts ? Math.max(0, host.facts.memoryBytes - host.facts.reservedMemoryBytes) : 0
}

/** Whether hosts of this cluster may be promised more memory than they have. */
export function mayOvercommit(world: World, clusterId: string): boolean {
  return world.tables.cluster.get(clusterId)?.ha.placement.overcommitMemory ?? false
}

/**
 * Memory that is neither held by a VM nor promised to an open task (starts, creations, migrations on their way here).
 * A promise counts from acceptance, so that two tasks are never promised the same memory. May be negative.
 */
export function freeMemoryBytes(world: World, host: Host, except: TaskId | null = null): number {
  let free = usableMemoryBytes(host)
  for (const vm of vmsOn(world, host.id)) if (isActive(vm)) free -= vm.memoryBytes
  for (const task of tasksOn(world, host.id)) if (task.id !== except) free -= claimBytes(world, task, host)
  return free
}

/** What an open task will make a VM hold on `host` that no VM there holds yet. */
function claimBytes(world: World, task: Task, host: Host): number {
  const vm = task.vmId ? world.tables.vm.get(task.vmId) : undefined
  switch (task.kind) {
    case 'vm.create': {
      const { input } = (task as Task<'vm.create'>).params
      return input.powerOn && !(vm && isActive(vm)) ? input.memoryBytes : 0
    }
    case 'vm.start': {
      const { targetId } = (task as Task<'vm.start'>).params
      return vm && !isActive(vm) && (targetId ?? vm.hostId) === host.id ? vm.memoryBytes : 0
    }
    case 'vm.restart': {
      const { targetId } = (task as Task<'vm.restart'>).params
      return vm && targetId === host.id && !(vm.hostId === targetId && isActive(vm)) ? vm.memoryBytes : 0
    }
    case 'vm.migrate': {
      if (!vm) return 0
      const { targetId } = (task as Task<'vm.migrate'>).params
      const willRun = isActive(vm) || task.steps.some((step) => step.name === 'start')
      if (targetId === host.id && vm.hostId !== host.id) return willRun ? vm.memoryBytes : 0
      // Shut down on its way: it comes up again at its home, whichever that is when the task ends.
      return vm.hostId === host.id && !isActive(vm) && willRun ? vm.memoryBytes : 0
    }
    default:
      return 0
  }
}

/** Free space of a datastore after what open tasks are about to write to it. */
export function freeSpaceBytes(world: World, datastore: Datastore, except: TaskId | null = null): number {
  let free = datastore.freeBytes
  for (const id of world.index.openTasks) {
    const task = world.tables.task.get(id)!
    if (id !== except && task.datastoreIds.includes(datastore.id)) free -= spaceClaim(world, task, datastore)
  }
  return free
}

function spaceClaim(world: World, task: Task, datastore: Datastore): number {
  if (task.kind === 'vm.create') {
    const { input } = (task as Task<'vm.create'>).params
    return task.datastoreIds[0] === datastore.id ? (input.diskBytes ?? 0) : 0
  }
  if (task.kind !== 'vm.migrate' || !task.vmId) return 0
  const { datastoreIds } = (task as Task<'vm.migrate'>).params
  const disks = world.tables.vm.get(task.vmId)?.disks ?? []
  return disks.reduce(
    (sum, disk, i) =>
      datastoreIds[i] === datastore.id && disk.datastoreId !== datastore.id ? sum + disk.sizeBytes : sum,
    0,
  )
}
