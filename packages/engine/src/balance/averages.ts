import type { Cluster, World } from '@drover/model'
import { vmsOn } from '../world/find'

/** The hold time of a cluster is looked at so many times: an average is over that many samples. */
export const samples = 12

interface Past {
  cpu: number[]
  memory: number[]
}

/**
 * What VMs used on average over the hold time of their cluster: what is only noise moves nobody. Kept by VM, so that one
 * that moves keeps its past. In memory only: a new leader begins with what it hears, and learns.
 */
export class Averages {
  readonly #pasts = new Map<string, Past>()

  /** Takes one more sample of every VM of a cluster, and says in the world what comes of it. */
  note(world: World, cluster: Cluster): void {
    world.load ??= new Map()
    for (const host of world.tables.host.values()) {
      if (host.clusterId !== cluster.id) continue
      const usages = world.live.get(host.id)?.vms
      for (const { uuid } of vmsOn(world, host.id)) {
        const usage = usages?.get(uuid)
        if (!usage) continue
        let past = this.#pasts.get(uuid)
        if (!past) {
          past = { cpu: [], memory: [] }
          this.#pasts.set(uuid, past)
        }
        const cpu = averaged(past.cpu, usage.cpu)
        world.load.set(uuid, {
          cpu,
          cpuHigh: Math.max(...past.cpu),
          memory: averaged(past.memory, usage.memoryUsedBytes),
          disk: usage.diskReadBytesPerSecond + usage.diskWriteBytesPerSecond,
          network: usage.networkInBytesPerSecond + usage.networkOutBytesPerSecond,
          pressure: 0,
          basis: `the average of the last ${past.cpu.length} samples`,
        })
      }
    }
    for (const uuid of this.#pasts.keys())
      if (!world.index.vmByUuid.has(uuid)) {
        this.#pasts.delete(uuid)
        world.load.delete(uuid)
      }
  }
}

function averaged(past: number[], next: number): number {
  past.push(next)
  if (past.length > samples) past.shift()
  return past.reduce((sum, value) => sum + value, 0) / past.length
}
