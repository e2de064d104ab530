import type { LoadProfile } from './load'

/** A data centre to begin with, as plain JSON. Paths of VM disks are relative to their datastore. */
export interface DatacenterDescription {
  seed: number
  datastores: DatastoreDescription[]
  hosts: HostDescription[]
  vms: VmDescription[]
}

export interface DatastoreDescription {
  uuid: string
  name: string
  capacityBytes: number
  images: { path: string; sizeBytes: number; fileBytes: number; format: 'qcow2' | 'raw' }[]
}

export interface HostDescription {
  name: string
  address: string
  /** Which cluster it is to join; means nothing to the hypervisor. */
  cluster: string
  cores: number
  mhz: number
  cpuModel: string
  cpuVendor: string
  cpuFeatures: string[]
  memoryBytes: number
  reservedMemoryBytes: number
  /** Lets VMs have more memory than there is, as a host with enough swap does. */
  overcommitsMemory?: boolean
  /** Its leg in the migration network. */
  linkBytesPerSecond: number
  networks: string[]
  /** Datastores by uuid, and where they are mounted. */
  mounts: { datastore: string; path: string }[]
}

export interface VmDescription {
  uuid: string
  name: string
  host: string
  vcpus: number
  memoryBytes: number
  disks: { datastore: string; path: string; sizeBytes: number; fileBytes: number; format: 'qcow2' | 'raw' }[]
  nics: { network: string; mac: string }[]
  running: boolean
  /** What keeps it from being moved while it runs: "uses a PCI device of its host". */
  bound?: string
  load?: Partial<LoadProfile>
  notes?: string
  tags?: string[]
}
