import { type Connection, STATS_GROUPS, STATS_OF } from '@drover/libvirt'
import type { HostUsage, VmUsage } from '@drover/model'
import type { Clock } from '../../clock'
import { readDiskBytes, readNetworkBytes } from './files'
import { pressureOf, readStalls, type Stalls } from './pressure'

/** Counters that only grow, of the host or of a VM. CPU in nanoseconds. */
interface Counters {
  at: number
  cpuNs: number
  diskRead: number
  diskWritten: number
  networkIn: number
  networkOut: number
  /** Time that vCPUs were ready to run and did not, in nanoseconds; null: libvirt does not say. */
  delayNs: number | null
}

type Rates = Omit<HostUsage, 'cpu' | 'memoryUsedBytes' | 'pressure'> & { cores: number }

const groups =
  STATS_GROUPS.state |
  STATS_GROUPS.cpuTotal |
  STATS_GROUPS.balloon |
  STATS_GROUPS.vcpu |
  STATS_GROUPS.interface |
  STATS_GROUPS.block

/** Rates from what the counters grew since the last look. The first look finds none. */
export class UsageReader {
  private host: (Counters & { stalls: Stalls | null }) | null = null
  private vms = new Map<string, Counters>()

  constructor(private readonly clock: Clock) {}

  async read(connection: Connection, cores: number): Promise<{ host: HostUsage; vms: Map<string, VmUsage> }> {
    const [records, cpu, memory, disk, network, stalls] = await Promise.all([
      connection.domain.stats({ groups, flags: STATS_OF.active | STATS_OF.noWait }),
      connection.host.cpuStats(),
      connection.host.memoryStats(),
      readDiskBytes(),
      readNetworkBytes(),
      readStalls(cores),
    ])
    const at = this.clock.now()
    const host = {
      at,
      cpuNs: (cpu.kernel ?? 0) + (cpu.user ?? 0),
      diskRead: disk.read,
      diskWritten: disk.written,
      networkIn: network.in,
      networkOut: network.out,
      delayNs: null,
      stalls,
    }
    const { cores: busy, ...hostRates } = rates(this.host, host)
    const seconds = this.host ? (at - this.host.at) / 1000 : 0
    const stalled =
      this.host?.stalls && stalls ? { pressure: pressureOf(this.host.stalls, stalls, seconds) } : {}
    this.host = host
    const usedKib = (memory.total ?? 0) - (memory.free ?? 0) - (memory.buffers ?? 0) - (memory.cached ?? 0)
    const before = this.vms
    this.vms = new Map()
    const vms = new Map<string, VmUsage>()
    for (const { domain, stats } of records) {
      const now = countersOf(stats, at, before.get(domain.uuid))
      this.vms.set(domain.uuid, now)
      const { cores: cpu, ...vmRates } = rates(before.get(domain.uuid) ?? null, now)
      const waited = readyTime(before.get(domain.uuid), now, Number(stats['vcpu.current'] ?? 0))
      vms.set(domain.uuid, { cpu, memoryUsedBytes: memoryOf(stats), ...vmRates, ...waited })
    }
    return {
      host: {
        cpu: Math.min(1, busy / cores),
        memoryUsedBytes: Math.max(0, usedKib) * 1024,
        ...hostRates,
        ...stalled,
      },
      vms,
    }
  }
}

/** A domain that is busy with a job may not tell everything: what is missing stays as it was. */
function countersOf(stats: Record<string, unknown>, at: number, last: Counters | undefined): Counters {
  const sum = (pattern: RegExp, before: number | undefined) => {
    const keys = Object.keys(stats).filter((key) => pattern.test(key))
    if (keys.length === 0) return before ?? 0
    return keys.reduce((total, key) => total + Number(stats[key]), 0)
  }
  return {
    at,
    cpuNs: sum(/^cpu\.time$/, last?.cpuNs),
    diskRead: sum(/^block\.\d+\.rd\.bytes$/, last?.diskRead),
    diskWritten: sum(/^block\.\d+\.wr\.bytes$/, last?.diskWritten),
    networkIn: sum(/^net\.\d+\.rx\.bytes$/, last?.networkIn),
    networkOut: sum(/^net\.\d+\.tx\.bytes$/, last?.networkOut),
    delayNs: delayOf(stats),
  }
}

function rates(before: Counters | null, now: Counters): Rates {
  const seconds = before ? (now.at - before.at) / 1000 : 0
  const rate = (of: Exclude<keyof Counters, 'delayNs'>) =>
    before && seconds > 0 ? Math.max(0, Math.round((now[of] - before[of]) / seconds)) : 0
  return {
    cores: rate('cpuNs') / 1e9,
    diskReadBytesPerSecond: rate('diskRead'),
    diskWriteBytesPerSecond: rate('diskWritten'),
    networkInBytesPerSecond: rate('networkIn'),
    networkOutBytesPerSecond: rate('networkOut'),
  }
}

/** Ready time of all vCPUs; libvirt says it since version 7.2, where the kernel counts it. */
function delayOf(stats: Record<string, unknown>): number | null {
  const keys = Object.keys(stats).filter((key) => /^vcpu\.\d+\.delay$/.test(key))
  return keys.length > 0 ? keys.reduce((total, key) => total + Number(stats[key]), 0) : null
}

function readyTime(before: Counters | undefined, now: Counters, vcpus: number): { pressure?: number } {
  if (!before || before.delayNs === null || now.delayNs === null || vcpus <= 0) return {}
  const possibleNs = (now.at - before.at) * 1e6 * vcpus
  return possibleNs > 0
    ? { pressure: Math.min(1, Math.max(0, (now.delayNs - before.delayNs) / possibleNs)) }
    : {}
}

/** What the guest uses when its balloon driver says so, else what its process has. */
function memoryOf(stats: Record<string, unknown>): number {
  const kib = (key: string) => Number(stats[`balloon.${key}`] ?? Number.NaN)
  const free = Number.isNaN(kib('usable')) ? kib('unused') : kib('usable')
  const used = kib('available') - free
  const best = used > 0 ? used : kib('rss')
  return Number.isNaN(best) ? 0 : Math.round(best * 1024)
}
