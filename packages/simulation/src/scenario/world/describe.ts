import type {
  DatacenterDescription,
  HostDescription,
  LoadProfile,
  VmDescription,
} from '@drover/hypervisor/simulated'
import { Random } from '../../random/random'
import type { Scenario, ScenarioVm } from '../format/scenario'

export const MiB = 1024 ** 2
const GiB = 1024 ** 3
export const clusterName = 'Scenario'
const network = 'lan'
const diskBytes = 2 * GiB

/** The simulated hosts, storage and VMs of a scenario, and what tells the VMs apart there. */
export interface Described {
  description: DatacenterDescription
  /** The shared datastore, which every VM's disk is on. */
  datastore: string
}

/** All hosts share one network and one datastore; every VM's disk lies there. */
export function describe(scenario: Scenario, seed: number): Described {
  const random = new Random(seed)
  const datastore = random.uuid()
  const hosts = scenario.cluster.hosts.map(
    (host, i): HostDescription => ({
      name: host.id,
      address: `10.${i >> 8}.${i & 255}.1`,
      cluster: clusterName,
      cores: Math.max(1, Math.round(host.cpu)),
      mhz: 2_400,
      cpuModel: 'EPYC-Rome',
      cpuVendor: 'AMD',
      cpuFeatures: ['aes', 'avx2'],
      memoryBytes: Math.round(host.mem_mib) * MiB,
      reservedMemoryBytes: 0,
      overcommitsMemory: scenario.settings.allow_memory_overcommit,
      linkBytesPerSecond: GiB,
      networks: [network],
      mounts: [{ datastore, path: '/srv/shared' }],
    }),
  )
  const vms = scenario.cluster.vms.map((vm, i) =>
    describeVm({ ...vm, name: vm.id, running: vm.power === 'on' }, random.uuid(), datastore, i),
  )
  const capacityBytes = (vms.length + 100) * 2 * diskBytes
  return {
    description: {
      seed,
      datastores: [{ uuid: datastore, name: 'shared', capacityBytes, images: [] }],
      hosts,
      vms,
    },
    datastore,
  }
}

/** One VM as the simulated hypervisor takes it. */
export function describeVm(
  vm: Pick<ScenarioVm, 'host' | 'cpu' | 'mem_mib' | 'load'> & {
    name: string
    running: boolean
    live_migratable?: boolean
  },
  uuid: string,
  datastore: string,
  index: number,
): VmDescription {
  const number = [index >> 8, index & 255].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
  return {
    uuid,
    name: vm.name,
    host: vm.host,
    vcpus: vcpusOf(vm.cpu),
    memoryBytes: Math.round(vm.mem_mib) * MiB,
    disks: [
      {
        datastore,
        path: `vms/${vm.name}/disk0.qcow2`,
        sizeBytes: diskBytes,
        fileBytes: diskBytes / 4,
        format: 'qcow2',
      },
    ],
    nics: [{ network, mac: `52:54:00:01:${number}` }],
    running: vm.running,
    ...(vm.live_migratable === false ? { bound: 'uses a device of its host' } : {}),
    load: loadOf(vm, vm.load),
  }
}

export function vcpusOf(cpu: number): number {
  return Math.max(1, Math.round(cpu))
}

/** A guest that always does the same: `load` is in cores and MiB. */
export function loadOf(
  size: { cpu: number; mem_mib: number },
  load: { cpu: number; mem_mib: number } | undefined,
): Partial<LoadProfile> {
  const cores = load?.cpu ?? size.cpu / 2
  const used = load?.mem_mib ?? size.mem_mib / 2
  return {
    cpu: Math.min(1, cores / vcpusOf(size.cpu)),
    swing: 0,
    burst: 0,
    memory: Math.min(0.98, Math.max(0.05, used / size.mem_mib)),
    dirtyBytesPerSecond: 40 * MiB,
  }
}
