import type { VmSpec } from '@drover/protocol'
import type { Hypervisor } from '../port'

/** One of the two hosts that the suite needs. */
export interface ContractHost {
  hypervisor: Hypervisor
  /** As the other host's hypervisor reaches it. */
  address: string
  /** As the other host's disk copies reach it. */
  copyAddress: string
  /** Another adapter for the same host, as the next life of an agent would have. */
  reopen(): Hypervisor
  /** What the hypervisor's own tool says; null where there is no other witness. */
  oracle: {
    state(name: string): Promise<string>
    uuids(): Promise<string[]>
    memoryBytes(name: string): Promise<number>
  } | null
}

/** Two hosts with a shared datastore and one of their own each, and how time goes by there. */
export interface ContractWorld {
  a: ContractHost
  b: ContractHost
  sharedPath: string
  localPath: { a: string; b: string }
  /** On the shared datastore. */
  imagePath: string
  network: string
  memoryBytes: number
  /** Longest time from start until the guest listens to requests. */
  bootMs: number
  spec(name: string, disks: VmSpec['disks']): VmSpec
  /** Resolves as the promise does, letting time go by as long as it needs. */
  settle<T>(promise: Promise<T>): Promise<T>
  /** Lets that much time go by. */
  pass(ms: number): Promise<void>
  /** What the guest has counted to, as a witness outside of the hypervisor sees it. */
  counter(uuid: string): Promise<number>
  close(): Promise<void>
}
