import type { DatacenterDescription, HostDescription, VmDescription } from '@drover/hypervisor/simulated'
import { Random } from '../random/random'

const MiB = 1024 ** 2
const GiB = 1024 ** 3

export interface Shape {
  hosts: number
  /** VMs on shared storage, running and off. */
  shared: { running: number; off: number }
  /** VMs whose disks lie on their host's own storage. */
  local: { running: number; off: number }
  /** Shared datastores; VMs take turns. One when absent. */
  datastores?: number
  /** Of every VM; 2 when absent. */
  vcpus?: number
}

/** Small enough to check after every event, large enough for everything to happen: three hosts with a shared datastore and one of their own each. */
export const smallShape: Shape = { hosts: 3, shared: { running: 2, off: 1 }, local: { running: 1, off: 1 } }

const image = {
  path: 'images/debian-12.qcow2',
  sizeBytes: 2 * GiB,
  fileBytes: 300 * MiB,
  format: 'qcow2',
} as const

/** A data centre of that shape; uuids follow from the seed. */
export function describeDatacenter(seed: number, shape: Shape = smallShape): DatacenterDescription {
  const random = new Random(seed)
  const shared = random.uuid()
  const second = (shape.datastores ?? 1) > 1 ? random.uuid() : null
  const hostNames = Array.from({ length: shape.hosts }, (_, i) => `esx-${i + 1}`)
  const own = new Map(hostNames.map((name) => [name, random.uuid()]))
  const hosts: HostDescription[] = hostNames.map((name, i) => ({
    name,
    address: `10.0.0.${i + 1}`,
    cluster: 'Production',
    cores: 8,
    mhz: 2_400,
    cpuModel: 'EPYC-Rome',
    cpuVendor: 'AMD',
    cpuFeatures: ['aes', 'avx2'],
    memoryBytes: 8 * GiB,
    reservedMemoryBytes: 1 * GiB,
    linkBytesPerSecond: 400 * MiB,
    networks: ['lan', 'storage'],
    mounts: [
      { datastore: shared, path: '/srv/shared' },
      ...(second ? [{ datastore: second, path: '/srv/second' }] : []),
      { datastore: own.get(name)!, path: `/srv/${name}` },
    ],
  }))
  const vms: VmDescription[] = []
  const add = (count: number, where: 'shared' | 'local', running: boolean): void => {
    for (let i = 0; i < count; i++) {
      const number = vms.length + 1
      const host = hostNames[(running ? i : 0) % hostNames.length]!
      const name = `${where === 'shared' ? 'web' : 'db'}-${number}`
      vms.push({
        uuid: random.uuid(),
        name,
        host,
        vcpus: shape.vcpus ?? 2,
        memoryBytes: 1 * GiB,
        disks: [
          {
            datastore: where === 'local' ? own.get(host)! : second && number % 2 === 0 ? second : shared,
            path: `vms/${name}/disk0.qcow2`,
            sizeBytes: image.sizeBytes,
            fileBytes: image.fileBytes,
            format: image.format,
          },
        ],
        nics: [{ network: 'lan', mac: `52:54:00:00:00:${number.toString(16).padStart(2, '0')}` }],
        running,
        load: { dirtyBytesPerSecond: 40 * MiB },
      })
    }
  }
  add(shape.shared.running, 'shared', true)
  add(shape.shared.off, 'shared', false)
  add(shape.local.running, 'local', true)
  add(shape.local.off, 'local', false)
  return {
    seed,
    datastores: [
      { uuid: shared, name: 'shared', capacityBytes: 200 * GiB, images: [image] },
      ...(second ? [{ uuid: second, name: 'second', capacityBytes: 200 * GiB, images: [image] }] : []),
      ...hostNames.map((name) => ({
        uuid: own.get(name)!,
        name: `local-${name}`,
        capacityBytes: 100 * GiB,
        images: [image],
      })),
    ],
    hosts,
    vms,
  }
}
