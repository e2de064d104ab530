import { publicTask } from '@drover/control'
import { type Host, isOpen, type Task, type Vm, type VmDefinition, type VmUsage } from '@drover/model'
import { z } from 'zod'
import { found } from '../found'
import { vmId } from '../schema/id'
import { auditor } from '../trpc'

export interface VmShown {
  vm: Vm
  host: Host | null
  /** Null: its host's agent has not said. */
  usage: VmUsage | null
  /** Work under way on it. */
  tasks: Task[]
  definition: VmDefinition | null
}

/** One VM with its home, load, definition and the work under way on it. */
export const show = auditor.input(z.object({ vmId })).query(({ ctx, input }): VmShown => {
  const { tables, live } = ctx.control.world
  const vm = found(tables.vm.get(input.vmId), 'VM', input.vmId)
  return {
    vm,
    host: tables.host.get(vm.hostId) ?? null,
    usage: live.get(vm.hostId)?.vms.get(vm.uuid) ?? null,
    tasks: [...tables.task.values()].filter((task) => task.vmId === vm.id && isOpen(task)).map(publicTask),
    definition: tables.definition.get(vm.id) ?? null,
  }
})
