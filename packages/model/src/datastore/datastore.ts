import type { DatacenterId, DatastoreId, NetworkId } from '../id'

/** An image that new VMs can be made from, as found in the datastore's `images` folder. */
export interface Image {
  /** Relative to the datastore: `images/debian-12.qcow2`. */
  path: string
  name: string
  format: 'qcow2' | 'raw'
  /** The disk's size as a guest sees it. */
  sizeBytes: number
}

/** Storage for disks. Two hosts that see the same uuid share it. */
export interface Datastore {
  id: DatastoreId
  datacenterId: DatacenterId
  name: string
  uuid: string
  capacityBytes: number
  freeBytes: number
  images: Image[]
}

/** What VMs plug into. Hosts with a network of the same name in one datacenter are taken to be on the same one. */
export interface Network {
  id: NetworkId
  datacenterId: DatacenterId
  name: string
}
