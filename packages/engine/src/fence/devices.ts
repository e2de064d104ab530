import type { FenceDevice, HostId, World } from '@drover/model'
import { numberOf } from '../world/find'

/** A device that restarts the agent over ssh: it switches nothing off and proves nothing. */
export function isSoft({ agent }: Pick<FenceDevice, 'agent'>): boolean {
  return agent.startsWith('soft_')
}

/**
 * Whether it said "off" in its last test of a host that has been heard since: then it says so whatever is, and proves nothing
 * before a test finds it sound again.
 */
export function saysOffAlways(world: World, { hostId, lastTest }: FenceDevice): boolean {
  const live = world.live.get(hostId)
  if (!live || live.seen.size === 0 || !lastTest || lastTest.ok) return false
  return lastTest.power === 'off' && live.heardAt > lastTest.at
}

/** A host's devices in use, by level and then by age. */
export function devicesOf(world: World, hostId: HostId): FenceDevice[] {
  return [...(world.index.fencesByHost.get(hostId) ?? [])]
    .map((id) => world.tables.fence.get(id)!)
    .filter(({ enabled }) => enabled)
    .sort((a, b) => a.level - b.level || numberOf(a.id) - numberOf(b.id))
}

/** The levels in the order in which they are tried; all devices of a level are needed. */
export function levelsOf(world: World, hostId: HostId): FenceDevice[][] {
  const levels = new Map<number, FenceDevice[]>()
  for (const device of devicesOf(world, hostId)) {
    if (isSoft(device)) continue
    const level = levels.get(device.level)
    if (level) level.push(device)
    else levels.set(device.level, [device])
  }
  return [...levels.values()]
}

export function softDevicesOf(world: World, hostId: HostId): FenceDevice[] {
  return devicesOf(world, hostId).filter(isSoft)
}
