import type { Recovery } from '../ha/recovery'
import { defaultVmHa, type VmHa } from '../ha/settings'
import type { ClusterId, DatastoreId, HostId, NetworkId, VmId } from '../id'
import type { StateTable } from '../state'

/** What a hypervisor last said of a VM. Work under way is the task's to say, not the VM's. */
export type VmPower = 'off' | 'running' | 'paused' | 'crashed' | 'missing'

const anyPower: readonly VmPower[] = ['off', 'running', 'paused', 'crashed', 'missing']

/** Reports are the truth, so every exit is open; the table is here for its words. */
export const vmPowers: StateTable<VmPower> = {
  off: { meaning: 'defined on its host, not running', exits: anyPower },
  running: { meaning: 'running on its host', exits: anyPower },
  paused: { meaning: 'in memory on its host, standing still', exits: anyPower },
  crashed: { meaning: 'its process ended by itself', exits: anyPower },
  missing: { meaning: 'its host no longer has it', exits: anyPower },
}

export interface VmDisk {
  datastoreId: DatastoreId
  /** Relative to the datastore: `vms/web-17/disk0.qcow2`. */
  path: string
  format: 'qcow2' | 'raw'
  sizeBytes: number
}

export interface VmNic {
  networkId: NetworkId
  mac: string
}

export interface Vm {
  id: VmId
  clusterId: ClusterId
  /** Its home: the host that has it defined, and where it runs if it runs. */
  hostId: HostId
  name: string
  /** The hypervisor's identity of it; stays the same across hosts. */
  uuid: string
  power: VmPower
  powerSince: number
  /** Why the hypervisor paused or ended it, in words, when it said so. */
  powerReason: string | null
  vcpus: number
  memoryBytes: number
  disks: VmDisk[]
  nics: VmNic[]
  /** Absolute paths, on its host, of disks that are on no datastore Drover knows; it cannot move while it has any. */
  strayDisks?: string[]
  /** What binds it to its host while it runs, in words: "uses a PCI device of its host". Absent: nothing. */
  bound?: string
  /** Other hosts on which it was seen running at the same time: never right. Absent when there are none. */
  alsoOn?: HostId[]
  /** Hosts that may still have a definition of it, from before it was started elsewhere; removed when they can be heard. */
  staleOn?: HostId[]
  /** What somebody last asked for: HA brings a VM back that should run, and never starts one that should not. */
  desired: 'running' | 'stopped'
  ha: VmHa
  /** While it should run and does not. */
  recovery: Recovery | null
  /** Where it was before a failure or an evacuation took it away; for the way home. */
  homeId: HostId | null
  /** How far rules go with it by themselves; absent: as far as its cluster says. */
  automation?: 'manual' | 'partial' | 'full'
  notes: string
  tags: string[]
  createdAt: number
}

/** The hypervisor's own description of a VM. Control keeps it because a host's copy dies with the host. */
export interface VmDefinition {
  id: VmId
  version: number
  format: 'libvirt-xml' | 'simulated'
  text: string
  /** Of `text`, as its agent computes it; a report with another one makes control ask for the text. */
  sha256: string
}

/** How a VM is looked after of which nobody said anything: it should be as it is. */
export function lookedAfter(power: VmPower): Pick<Vm, 'desired' | 'ha' | 'recovery' | 'homeId'> {
  const desired = power === 'running' || power === 'paused' ? 'running' : 'stopped'
  return { desired, ha: defaultVmHa, recovery: null, homeId: null }
}

/** A VM counts as active when it holds memory on its host. */
export function isActive(vm: Pick<Vm, 'power'>): boolean {
  return vm.power === 'running' || vm.power === 'paused'
}
