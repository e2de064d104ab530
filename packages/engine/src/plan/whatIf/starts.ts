import type { Cluster, HostId, Vm, VmId, World } from '@drover/model'

/** A restart is expected to take so long where none has been seen yet. */
const usualStartMs = 4_000

export interface Start {
  vm: Vm
  targetId: HostId
  /** When its host is proven off. */
  fromMs: number
}

/** When each VM would run: tier after tier, each when the one before it is ready, so many at once on each host. */
export function startsOf(world: World, cluster: Cluster, starts: readonly Start[]): Map<VmId, number> {
  const { startsPerHost, tierTimeoutMs } = cluster.ha
  const startMs = startMsOf(world)
  const running = new Map<VmId, number>()
  const tiers = [...new Set(starts.map(({ vm }) => vm.ha.tier))].sort((a, b) => a - b)
  /** By host: when each of its places for a start is free again. */
  const slots = new Map<HostId, number[]>()
  let from = 0
  for (const tier of tiers) {
    const own = starts.filter(({ vm }) => vm.ha.tier === tier)
    let ready = from
    for (const { vm, targetId, fromMs } of own) {
      const free = slots.get(targetId) ?? Array<number>(Math.max(1, startsPerHost)).fill(0)
      slots.set(targetId, free)
      const slot = free.indexOf(Math.min(...free))
      const at = Math.max(from, fromMs, free[slot]!) + startMs
      free[slot] = at
      running.set(vm.id, at)
      ready = Math.max(ready, at + vm.ha.readyMs)
    }
    from = Math.min(ready, Math.max(from, ...own.map(({ fromMs }) => fromMs)) + tierTimeoutMs)
  }
  return running
}

/** The mean of what restarts have taken from the order to running, as incidents remember it. */
function startMsOf(world: World): number {
  let sum = 0
  let count = 0
  for (const { vms } of world.tables.incident.values())
    for (const { askedAt, runningAt } of vms)
      if (askedAt !== null && runningAt !== null && runningAt > askedAt) {
        sum += runningAt - askedAt
        count += 1
      }
  return count > 0 ? Math.round(sum / count) : usualStartMs
}
