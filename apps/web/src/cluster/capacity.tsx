import { type Host, sayBytes, sayCount, sayPercent } from '@drover/model'
import { useReplicaStore } from '../replica/store'
import { Bar } from '../ui/bar'

/** CPU and memory of many hosts taken together, live. */
export function useCapacity(hosts: readonly Host[]) {
  const usage = useReplicaStore((state) => state.replica?.usage.hosts)
  let cores = 0
  let coresUsed = 0
  let memoryBytes = 0
  let memoryUsedBytes = 0
  for (const host of hosts) {
    const used = usage?.[host.id]
    if (!host.facts || host.state !== 'connected') continue
    cores += host.facts.cpu.cores
    memoryBytes += host.facts.memoryBytes
    coresUsed += (used?.cpu ?? 0) * host.facts.cpu.cores
    memoryUsedBytes += used?.memoryUsedBytes ?? 0
  }
  return { cores, coresUsed, memoryBytes, memoryUsedBytes }
}

/** How full some hosts are together, as two bars. */
export function Capacity({ hosts }: { hosts: readonly Host[] }) {
  const { cores, coresUsed, memoryBytes, memoryUsedBytes } = useCapacity(hosts)
  const cpu = coresUsed / Math.max(1, cores)
  const memory = memoryUsedBytes / Math.max(1, memoryBytes)
  return (
    <div className="grid grid-cols-[auto_1fr_auto_auto] items-center gap-x-3 gap-y-1">
      <span className="text-text-3">CPU</span>
      <Bar fraction={cpu} label="CPU of all hosts" />
      <span className="num text-right">{sayPercent(cpu)}</span>
      <span className="num text-right text-text-3">of {sayCount(cores, 'core')}</span>
      <span className="text-text-3">Memory</span>
      <Bar fraction={memory} label="Memory of all hosts" />
      <span className="num text-right">{sayPercent(memory)}</span>
      <span className="num text-right text-text-3">of {sayBytes(memoryBytes)}</span>
    </div>
  )
}
