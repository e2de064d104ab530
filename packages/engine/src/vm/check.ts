import {
  type Host,
  type Refusal,
  refOf,
  sayInitiator,
  type TaskId,
  taskVerbs,
  type Vm,
  type VmPower,
  type World,
} from '@drover/model'
import { taskRef } from '../task/create'
import { hostOf, hostRef, taskOf } from '../world/find'

/** Reasons against anything that needs a VM's host to act on it. `except`: the task that asks. */
export function checkReachable(world: World, vm: Vm, except: TaskId | null = null): Refusal[] {
  const host = hostOf(world, vm.hostId)
  const refusals: Refusal[] = [...checkFree(world, vm, except), ...checkListening(host)]
  if (vm.power === 'missing') refusals.push({ code: 'vm_missing', vm: refOf(vm), host: refOf(host) })
  return refusals
}

/** One task at a time on a VM. */
export function checkFree(world: World, vm: Vm, except: TaskId | null = null): Refusal[] {
  const task = taskOf(world, vm.id)
  if (!task || task.id === except) return []
  const doing = taskVerbs[task.kind]
  return [{ code: 'vm_busy', vm: refOf(vm), task: taskRef(task), doing, by: sayInitiator(task.initiator) }]
}

export function checkListening(host: Host): Refusal[] {
  if (host.state === 'connected') return []
  return [{ code: 'host_silent', host: refOf(host), sinceAt: host.stateSince }]
}

export function checkPower(vm: Vm, needs: readonly VmPower[]): Refusal[] {
  if (vm.power === 'missing' || needs.includes(vm.power)) return []
  return [{ code: 'vm_power', vm: refOf(vm), is: vm.power, needs: [...needs] }]
}

/** A VM that runs twice is touched by nobody but a person at the hypervisor. */
export function checkOnce(world: World, vm: Vm): Refusal[] {
  if (!vm.alsoOn?.length) return []
  const hosts = [vm.hostId, ...vm.alsoOn].map((id) => hostRef(world, id))
  return [{ code: 'vm_twice', vm: refOf(vm), hosts }]
}

export function checkName(world: World, clusterId: string, name: string, except?: Vm): Refusal[] {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name)) {
    const problem = `"${name}" cannot be a VM's name`
    const remedy =
      'Use up to 63 letters, digits, dots, dashes and underscores, beginning with a letter or digit.'
    return [{ code: 'invalid', field: 'name', problem, remedy }]
  }
  const taken = [...world.tables.vm.values()].some(
    (vm) => vm.clusterId === clusterId && vm.name === name && vm.id !== except?.id,
  )
  const coming = [...world.index.openTasks].some((id) => {
    const task = world.tables.task.get(id)!
    return task.clusterId === clusterId && task.kind === 'vm.create' && task.vmName === name
  })
  return taken || coming ? [{ code: 'name_taken', noun: 'VM', name }] : []
}

const smallestMemoryBytes = 16 * 1024 * 1024

export function checkSize(size: { vcpus?: number; memoryBytes?: number }): Refusal[] {
  const refusals: Refusal[] = []
  const { vcpus, memoryBytes } = size
  if (vcpus !== undefined && (!Number.isInteger(vcpus) || vcpus < 1 || vcpus > 1024)) {
    const problem = `${vcpus} is no number of vCPUs`
    refusals.push({ code: 'invalid', field: 'vcpus', problem, remedy: 'Give it between 1 and 1024.' })
  }
  if (
    memoryBytes !== undefined &&
    (!Number.isInteger(memoryBytes) || memoryBytes < smallestMemoryBytes || memoryBytes % 1024 !== 0)
  ) {
    const problem = `${memoryBytes} bytes is no size of memory`
    const remedy = 'Give it at least 16 MiB, in whole KiB.'
    refusals.push({ code: 'invalid', field: 'memoryBytes', problem, remedy })
  }
  return refusals
}
