import type { Vm, VmId } from '@drover/model'
import { useConsole } from '../console/store'
import { useOpenTask, useRow } from '../replica/hooks'
import { type Shown, vmState } from './state'

/** How a VM stands, live; null when there is no such VM (any more). */
export function useVmState(id: string): Shown | null {
  const vm: Vm | undefined = useRow('vm', id)
  const host = useRow('host', vm?.hostId)
  const task = useOpenTask(id as VmId)
  const asked = useConsole((state) => state.asked[id as VmId])
  return vm ? vmState(vm, task, host, asked) : null
}
