import type { HostUsage, VmUsage } from '@drover/model'
import type { SimulatedDatacenter } from './datacenter'
import { demand, usageOf } from './load'
import type { SimulatedDomain, SimulatedHost } from './parts'

const MB = 1_000_000

/** What every guest on the host wants, what it gets when the cores do not suffice, and the sum. */
export function readUsage(
  datacenter: SimulatedDatacenter,
  host: SimulatedHost,
): { host: HostUsage; vms: Map<string, VmUsage> } {
  const now = datacenter.clock.now()
  const wants: { domain: SimulatedDomain; cores: number }[] = []
  let wanted = 0.01 * host.is.cores
  for (const domain of host.domains.values()) {
    if (!domain.guest) continue
    const cores = wish(datacenter, domain, now)
    wants.push({ domain, cores })
    wanted += cores
  }
  const share = Math.min(1, host.is.cores / wanted)
  const total: HostUsage = {
    cpu: Math.min(1, wanted / host.is.cores),
    memoryUsedBytes: host.is.reservedMemoryBytes,
    diskReadBytesPerSecond: 0,
    diskWriteBytesPerSecond: 0,
    networkInBytesPerSecond: 0,
    networkOutBytesPerSecond: 0,
    pressure: 1 - share,
  }
  const vms = new Map<string, VmUsage>()
  for (const { domain, cores } of wants) {
    const got = usageOf(datacenter.profile(domain.uuid), domain, cores * share, now)
    const usage = { ...got, pressure: (cores * (1 - share)) / domain.vcpus }
    vms.set(domain.uuid, usage)
    total.memoryUsedBytes += usage.memoryUsedBytes
    total.diskReadBytesPerSecond += usage.diskReadBytesPerSecond
    total.diskWriteBytesPerSecond += usage.diskWriteBytesPerSecond
    total.networkInBytesPerSecond += usage.networkInBytesPerSecond
    total.networkOutBytesPerSecond += usage.networkOutBytesPerSecond
  }
  for (const migration of datacenter.migrations.values()) {
    const bytes = Math.round(migration.bytesPerSecond)
    if (migration.sourceName === host.is.name) total.networkOutBytesPerSecond += bytes
    if (migration.targetName === host.is.name) total.networkInBytesPerSecond += bytes
  }
  total.memoryUsedBytes = Math.min(total.memoryUsedBytes + 300 * MB, host.is.memoryBytes)
  return { host: total, vms }
}

function wish(datacenter: SimulatedDatacenter, domain: SimulatedDomain, now: number): number {
  if (domain.state !== 'running') return 0
  const profile = datacenter.profile(domain.uuid)
  if (now < domain.guest!.bootedAt && !profile.course) return 0.85 * domain.vcpus
  return demand(profile, now) * domain.vcpus
}
