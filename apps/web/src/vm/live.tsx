import { sayBytes, sayPercent, type Vm } from '@drover/model'
import { sayCores } from '../format/quantity'
import { useVmUsage } from '../replica/hooks'
import { Bar } from '../ui/bar'
import { State } from '../ui/state'
import { useVmState } from './use-state'

/** `running`, live. */
export function VmStateCell({ id }: { id: string }) {
  const state = useVmState(id)
  return state && <State tone={state.tone} word={state.word} />
}

/** CPU in use as part of its vCPUs, with a bar. */
export function VmCpu({ vm }: { vm: Vm }) {
  const usage = useVmUsage(vm.id)
  if (!usage || vm.power !== 'running') return <span className="text-text-3">–</span>
  const fraction = usage[0] / Math.max(1, vm.vcpus)
  return (
    <span className="flex items-center gap-2" title={`${sayCores(usage[0])} of ${vm.vcpus} vCPUs`}>
      <Bar fraction={fraction} label={`CPU of ${vm.name}`} className="flex-1" />
      <span className="num w-11 text-right">{sayPercent(fraction)}</span>
    </span>
  )
}

/** Memory in use, with a bar. */
export function VmMemory({ vm }: { vm: Vm }) {
  const usage = useVmUsage(vm.id)
  if (!usage || (vm.power !== 'running' && vm.power !== 'paused')) {
    return <span className="num block text-right text-text-3">{sayBytes(vm.memoryBytes)}</span>
  }
  return (
    <span className="flex items-center gap-2" title={`${sayBytes(usage[1])} of ${sayBytes(vm.memoryBytes)}`}>
      <Bar fraction={usage[1] / vm.memoryBytes} label={`Memory of ${vm.name}`} className="flex-1" />
      <span className="num w-16 text-right">{sayBytes(vm.memoryBytes)}</span>
    </span>
  )
}
