import {
  type Cluster,
  defaultPowerSettings,
  isOpen,
  type LoadMemory,
  type Ref,
  refOf,
  type VmId,
  type World,
} from '@drover/model'
import { balanceOf } from '../balance/settings'
import type { Changes } from '../world/changes'
import { hostRef } from '../world/find'
import { put } from '../world/rows'
import { thresholdsOf } from './rules'

const hour = 3_600_000

/** What rules have to remember of a cluster, from its rows. */
export function loadMemory(world: World, cluster: Cluster, now: number): LoadMemory {
  const moves: LoadMemory['moves'] = []
  for (const { clusterId, at, endedAt, by, moves: parts } of world.tables.decision.values()) {
    if (clusterId !== cluster.id) continue
    for (const { vm, bytes, taskId } of parts) {
      if (!taskId) continue
      // Of a task that is forgotten it is only known that it was over by then.
      const begun = world.tables.task.get(taskId)?.createdAt ?? endedAt ?? at
      if (now - begun < hour) moves.push({ vmId: vm.id, at: begun, bytes, by: by.id })
    }
  }
  const thresholds = thresholdsOf(world, cluster.id)
  return {
    moves,
    unevenSince: balanceOf(cluster).unevenSince,
    lowSince: (cluster.power ?? defaultPowerSettings).lowSince,
    aboveSince: Object.fromEntries(thresholds.map(({ id, aboveSince }) => [id, aboveSince])),
  }
}

/** When Drover last moved a VM, or failed to, and whether that was so that a host could sleep. */
export interface Moved {
  at: number
  gathered: boolean
}

/** By VM; one that is being moved now counts as moved now. */
export function movedOf(world: World, cluster: Cluster): Map<VmId, Moved> {
  const moved = new Map<VmId, Moved>()
  const note = (vmId: VmId, at: number, gathered: boolean) => {
    if (at >= (moved.get(vmId)?.at ?? 0)) moved.set(vmId, { at, gathered })
  }
  // Tasks are forgotten sooner than decisions.
  for (const { clusterId, at, endedAt, moves, by } of world.tables.decision.values())
    if (clusterId === cluster.id)
      for (const { vm, taskId } of moves)
        if (taskId) note(vm.id, world.tables.task.get(taskId)?.endedAt ?? endedAt ?? at, by.id === 'power')
  for (const task of world.tables.task.values()) {
    if (task.clusterId !== cluster.id || task.kind !== 'vm.migrate' || !task.vmId) continue
    if (task.initiator.kind !== 'drover') continue
    const { parentId, endedAt, createdAt } = task
    const gathered = parentId !== null && world.tables.task.get(parentId)?.kind === 'host.sleep'
    note(task.vmId, isOpen(task) ? Number.MAX_SAFE_INTEGER : (endedAt ?? createdAt), gathered)
  }
  return moved
}

/** Writes down what is to be remembered, where that changes, with what is seen. `text`: of the balance. */
export function noteMemory(
  changes: Changes,
  cluster: Cluster,
  memory: LoadMemory,
  say: { uneven: string | null; low: string | null; above: (thresholdId: string) => string | null },
): void {
  const { world } = changes
  const now = () => changes.get('cluster', cluster.id)!
  const settings = balanceOf(now())
  if ((settings.unevenSince === null) !== (memory.unevenSince === null)) {
    const row: Cluster = { ...now(), balance: { ...settings, unevenSince: memory.unevenSince } }
    const text =
      memory.unevenSince !== null && say.uneven
        ? say.uneven
        : `The load of ${cluster.name} is no longer waited for: it is even, moved, or something comes first.`
    const uneven = memory.unevenSince !== null
    changes.say({ kind: 'cluster.uneven', cluster: refOf(row), uneven, text }, [put('cluster', row)])
  }
  const power = now().power
  if (power && (power.lowSince === null) !== (memory.lowSince === null)) {
    const row: Cluster = { ...now(), power: { ...power, lowSince: memory.lowSince } }
    const idle = memory.lowSince !== null
    const text =
      idle && say.low
        ? say.low
        : idle
          ? `${cluster.name} could do with fewer hosts.`
          : `${cluster.name} needs all hosts that are awake, or one is put to sleep.`
    changes.say({ kind: 'cluster.idle', cluster: refOf(row), idle, text }, [put('cluster', row)])
  }
  for (const threshold of thresholdsOf(world, cluster.id)) {
    const next = memory.aboveSince[threshold.id] ?? {}
    const before = threshold.aboveSince
    const ids = [...new Set([...Object.keys(before), ...Object.keys(next)])]
    if (ids.every((id) => before[id] === next[id])) continue
    const row = { ...threshold, aboveSince: next }
    const hosts = Object.keys(next).map((id): Ref => hostRef(world, id as `host-${number}`))
    const text =
      hosts.length === 0
        ? `Rule "${threshold.name}": no host is above it any more, or it was seen to.`
        : (say.above(threshold.id) ?? `Rule "${threshold.name}": the hosts that are above it are others now.`)
    changes.say({ kind: 'threshold.above', threshold: refOf(row), hosts, text }, [put('threshold', row)])
  }
}
