import { wattsOf } from '@drover/engine'
import type { HostUsage, VmUsage, World } from '@drover/model'
import { usageWidthMs } from '@drover/model'
import type { Sample } from './track'

/** What hosts and VMs use at this moment, by id. Of whom nothing was heard of late nothing is said; what sleeps still draws. */
export function samplesOf(world: World, now: number): Map<string, Sample> {
  const samples = new Map<string, Sample>()
  for (const host of world.tables.host.values()) {
    const live = world.live.get(host.id)
    const isHeard = live !== undefined && now - live.heardAt <= usageWidthMs.raw
    const usage = isHeard ? live.usage : null
    const cluster = world.tables.cluster.get(host.clusterId)
    const drawn = cluster ? wattsOf(host, cluster, usage) : { watts: null, savedWatts: null }
    if (!usage && drawn.watts === null) continue
    const cores = host.facts?.cpu.cores ?? Number.NaN
    samples.set(host.id, {
      ...(usage ? sampleOf(usage, usage.cpu * cores) : unheard),
      watts: drawn.watts ?? Number.NaN,
      savedWatts: drawn.savedWatts ?? Number.NaN,
    })
    if (!isHeard) continue
    for (const [uuid, vm] of live.vms) {
      const id = world.index.vmByUuid.get(uuid)
      // While it moves, two hosts speak of it: the one that has it counts.
      if (id && world.tables.vm.get(id)?.hostId === host.id) samples.set(id, sampleOf(vm, vm.cpu))
    }
  }
  return samples
}

const unheard: Sample = {
  cpu: Number.NaN,
  memory: Number.NaN,
  disk: Number.NaN,
  network: Number.NaN,
  pressure: Number.NaN,
  watts: Number.NaN,
  savedWatts: Number.NaN,
}

function sampleOf(usage: HostUsage | VmUsage, cpu: number): Sample {
  return {
    cpu,
    memory: usage.memoryUsedBytes,
    disk: usage.diskReadBytesPerSecond + usage.diskWriteBytesPerSecond,
    network: usage.networkInBytesPerSecond + usage.networkOutBytesPerSecond,
    pressure: usage.pressure ?? Number.NaN,
    watts: Number.NaN,
    savedWatts: Number.NaN,
  }
}
