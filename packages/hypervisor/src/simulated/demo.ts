import type { DatacenterDescription, HostDescription, VmDescription } from './description'
import type { LoadProfile } from './load'
import { seedOf, stream } from './random'

const GiB = 1024 ** 3
const GB = 1e9

export interface DemoOptions {
  seed?: number
  /** Default: Production with 8 hosts and 108 VMs, Development with 4 and 44. */
  clusters?: { name: string; hosts: number; vms: number; prefix: string }[]
}

interface Kind {
  name: string
  /** How often it appears among VMs. */
  share: number
  vcpus: number[]
  memoryGiB: number[]
  diskGB: number[]
  network: string
  tags: string[]
  notes: string
  load: Partial<LoadProfile>
}

const kinds: Kind[] = [
  kind('web', 22, [2, 4], [4, 8], [20, 40], 'dmz', 'Front end behind the load balancer.', {
    cpu: 0.22,
    swing: 0.75,
    networkBytesPerSecond: 22e6,
  }),
  kind('api', 16, [2, 4], [4, 8], [20, 40], 'services', 'Internal API.', {
    cpu: 0.25,
    swing: 0.6,
  }),
  kind('db', 10, [4, 8], [16, 32], [200, 400], 'services', 'PostgreSQL.', {
    cpu: 0.3,
    swing: 0.4,
    memory: 0.85,
    diskBytesPerSecond: 60e6,
    dirtyBytesPerSecond: 300e6,
  }),
  kind('cache', 6, [2], [8, 16], [20], 'services', 'Redis.', { cpu: 0.12, memory: 0.8 }),
  kind('queue', 4, [2, 4], [4, 8], [40], 'services', 'RabbitMQ.', { cpu: 0.15 }),
  kind('build', 9, [4, 8], [8, 16], [100, 200], 'office', 'CI runner.', {
    cpu: 0.28,
    burst: 0.35,
    dirtyBytesPerSecond: 220e6,
  }),
  kind('app', 14, [2, 4], [4, 8, 16], [40, 80], 'services', 'Line-of-business application.', {}),
  kind('win', 8, [2, 4], [8, 16], [80, 120], 'office', 'Terminal server.', {
    cpu: 0.2,
    swing: 0.8,
  }),
  kind('mail', 3, [2], [4, 8], [100], 'dmz', 'Mail relay.', { cpu: 0.1 }),
  kind('monitor', 3, [2, 4], [8], [100], 'services', 'Metrics and alerts.', {
    cpu: 0.25,
    swing: 0.1,
  }),
  kind('backup', 3, [2], [4], [500], 'services', 'Backup target.', {
    cpu: 0.2,
    peakHour: 2,
    swing: 0.9,
    diskBytesPerSecond: 90e6,
  }),
  kind('desk', 12, [1, 2], [2, 4], [20, 40], 'office', "Somebody's machine.", { cpu: 0.05 }),
]

const networks = ['dmz', 'office', 'services']
const images = [
  { path: 'images/debian-12.qcow2', sizeBytes: 10 * GB, fileBytes: 0.45 * GB, format: 'qcow2' as const },
  { path: 'images/rocky-9.qcow2', sizeBytes: 12 * GB, fileBytes: 0.62 * GB, format: 'qcow2' as const },
  { path: 'images/windows-2022.qcow2', sizeBytes: 40 * GB, fileBytes: 9.8 * GB, format: 'qcow2' as const },
]
const features =
  'aes avx avx2 bmi1 bmi2 fma fsgsbase pcid pclmuldq popcnt rdrand sse4.1 sse4.2 x2apic xsave'.split(' ')

/** Two clusters, twelve hosts and about 150 VMs that look like somebody's; the same for the same seed. */
export function demoDescription(options: DemoOptions = {}): DatacenterDescription {
  const seed = options.seed ?? 7
  const clusters = options.clusters ?? [
    { name: 'Production', hosts: 8, vms: 108, prefix: 'prod' },
    { name: 'Development', hosts: 4, vms: 44, prefix: 'dev' },
  ]
  const random = stream(seed)
  const description: DatacenterDescription = { seed, datastores: [], hosts: [], vms: [] }
  clusters.forEach((cluster, index) => {
    const shared = [1, 2].map((n) => {
      const name = `${cluster.prefix}-nvme-${n}`
      const uuid = uuidOf(`datastore ${seed} ${name}`)
      description.datastores.push({ uuid, name, capacityBytes: 40_000 * GB, images: n === 1 ? images : [] })
      return { datastore: uuid, path: `/srv/${name}` }
    })
    const hosts: HostDescription[] = []
    for (let n = 1; n <= cluster.hosts; n++) hosts.push(host(description, cluster, index, n, shared))
    description.hosts.push(...hosts)
    const counts = new Map<string, number>()
    const left = new Map(hosts.map((h) => [h, h.memoryBytes - h.reservedMemoryBytes]))
    for (let n = 0; n < cluster.vms; n++) {
      description.vms.push(vm(seed, cluster.prefix, left, counts, random))
    }
    if (index === 0 && hosts.length > 2) heat(description, hosts)
  })
  return description
}

/** Busy enough that something should be moved away, and not so busy that guests stand still. */
const hotShare = 0.94

/** Gives the VMs of one host of the first cluster so much to do that it is overloaded: something to recommend at first sight. */
function heat({ vms }: DatacenterDescription, hosts: readonly HostDescription[]): void {
  const vcpus = (one: HostDescription) =>
    vms.reduce((sum, { host, running, vcpus }) => sum + (host === one.name && running ? vcpus : 0), 0)
  // The one whose guests could ask for most of what it has.
  const hot = [...hosts].sort((a, b) => vcpus(b) / b.cores - vcpus(a) / a.cores)[0]!
  const share = Math.min(0.97, (hotShare * hot.cores) / Math.max(1, vcpus(hot)))
  for (const each of vms)
    if (each.host === hot.name) each.load = { ...each.load, cpu: share, swing: 0.05, burst: 0.02 }
}

function host(
  description: DatacenterDescription,
  cluster: { name: string; prefix: string },
  index: number,
  n: number,
  shared: HostDescription['mounts'],
): HostDescription {
  const name = `${cluster.prefix}-${String(n).padStart(2, '0')}`
  const uuid = uuidOf(`local ${description.seed} ${name}`)
  description.datastores.push({ uuid, name: `${name}-local`, capacityBytes: 4_000 * GB, images: [] })
  const old = index > 0 || n % 4 === 0
  const [net, leg] = [index + 1 + Math.floor(n / 200), 10 + (n % 200)]
  return {
    name,
    address: `10.${20 + index}.${net}.${leg}`,
    cluster: cluster.name,
    cores: old ? 32 : 48,
    mhz: old ? 2400 : 2900,
    cpuModel: old ? 'Intel Xeon Gold 6130' : 'Intel Xeon Gold 6342',
    cpuVendor: 'Intel',
    cpuFeatures: old ? features : [...features, 'avx512f', 'avx512vl'],
    memoryBytes: (old ? 192 : 256) * GiB,
    reservedMemoryBytes: 4 * GiB,
    linkBytesPerSecond: 1.25e9,
    networks,
    mounts: [...shared, { datastore: uuid, path: '/srv/local' }],
  }
}

function vm(
  seed: number,
  prefix: string,
  left: Map<HostDescription, number>,
  counts: Map<string, number>,
  random: () => number,
): VmDescription {
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const what = pick(random)
  const number = (counts.get(what.name) ?? 0) + 1
  counts.set(what.name, number)
  const name = `${prefix === 'prod' ? '' : `${prefix}-`}${what.name}-${String(number).padStart(2, '0')}`
  const memoryBytes = one(what.memoryGiB) * GiB
  const running = random() < (what.name === 'dev' ? 0.7 : 0.94)
  const home = roomiest(left, random)
  left.set(home, left.get(home)! - memoryBytes)
  // A few live on the disks of their host, so that moving them means moving the disks.
  const mount = random() < 0.08 ? home.mounts.at(-1)! : one(home.mounts.slice(0, 2))
  const sizeBytes = one(what.diskGB) * GB
  return {
    uuid: uuidOf(`vm ${seed} ${prefix} ${name}`),
    name,
    host: home.name,
    vcpus: one(what.vcpus),
    memoryBytes,
    disks: [
      {
        datastore: mount.datastore,
        path: `vms/${name}/disk0.qcow2`,
        sizeBytes,
        fileBytes: Math.round(sizeBytes * (0.1 + 0.4 * random())),
        format: 'qcow2',
      },
    ],
    nics: [{ network: what.network, mac: macOf(`${prefix} ${name}`) }],
    running,
    load: { ...what.load },
    notes: what.notes,
    tags: [...what.tags, one(['team-core', 'team-shop', 'team-data'])],
  }
}

/** Among the few hosts that have most memory left, so that the fleet is neither crammed nor suspiciously even. */
function roomiest(left: Map<HostDescription, number>, random: () => number): HostDescription {
  const few = [...left].sort((a, b) => b[1] - a[1]).slice(0, 4)
  return few[Math.floor(random() ** 2 * few.length)]![0]
}

function pick(random: () => number): Kind {
  let place = random() * kinds.reduce((sum, k) => sum + k.share, 0)
  for (const one of kinds) {
    place -= one.share
    if (place < 0) return one
  }
  return kinds[0]!
}

function kind(
  name: string,
  share: number,
  vcpus: number[],
  memoryGiB: number[],
  diskGB: number[],
  network: string,
  notes: string,
  load: Partial<LoadProfile>,
): Kind {
  return { name, share, vcpus, memoryGiB, diskGB, network, notes, tags: [name], load }
}

function uuidOf(text: string): string {
  const hex = [0, 1, 2, 3].map((n) => seedOf(`${n} ${text}`).toString(16).padStart(8, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
}

function macOf(text: string): string {
  const hex = seedOf(text).toString(16).padStart(8, '0')
  return `52:54:00:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}`
}
