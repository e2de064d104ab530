import type { CommandError } from '@drover/model'
import type { Beat, Domain, DomainState } from '@drover/protocol'
import type { HostDescription } from './description'

/** A file on a datastore. What is in it is not kept, only what tells one content from another. */
export interface DiskFile {
  format: 'qcow2' | 'raw'
  /** As the guest sees it. */
  sizeBytes: number
  /** As it lies on the datastore. */
  fileBytes: number
  /** Where its content came from: equal origin and equal `counter` mean equal bytes. */
  origin: string
  /** The last number that a guest has written to it; grows with every write. */
  counter: number
}

export interface SimulatedDatastore {
  uuid: string
  name: string
  capacityBytes: number
  /** By path relative to the datastore. */
  files: Map<string, DiskFile>
  /** Heartbeats of hosts, by host id. */
  beats: Map<string, Beat>
}

/** Something to wait at until it opens. */
export interface Gate {
  opened: Promise<void>
  open(): void
}

/** What lives in a host's memory for one VM, and is gone with it. */
export interface Guest {
  /** Ten a second while it runs; the guest writes it to its first disk, and goes on from there when it boots. */
  counter: number
  /** Since when it counts; null while it stands still. */
  countingSince: number | null
  /** Another boot, another number. */
  bootId: number
  /** Before this it boots: busy, deaf to requests, not counting. */
  bootedAt: number
}

export interface SimulatedDomain {
  uuid: string
  name: string
  vcpus: number
  memoryBytes: number
  disks: { path: string; format: 'qcow2' | 'raw' }[]
  nics: { network: string; mac: string }[]
  state: DomainState
  reason: string | null
  /** What keeps it from being moved while it runs. */
  bound?: string
  persistent: boolean
  job: Domain['job']
  guest: Guest | null
}

export interface SimulatedHost {
  is: HostDescription
  on: boolean
  /** Counts power cycles: what began in another life of the host has no effect in this one. */
  life: number
  /** Multiplies the time that everything takes. */
  slowness: number
  linkUp: boolean
  /** While everything on it stands still. */
  frozen: Gate | null
  /** Datastores by uuid that it cannot get at, although they are mounted. */
  storage: Map<string, { how: 'failing' | 'hanging'; healed: Gate }>
  domains: Map<string, SimulatedDomain>
}

/** Something that will go wrong, once or so many times. */
export interface Fault {
  /** Null: on any host. */
  host: string | null
  /** Null: for any VM. */
  uuid: string | null
  operation: 'define' | 'start' | 'stop' | 'migrate' | 'clone' | 'send'
  times: number
  /** For what takes long: fails when it has got this far, 0 to 1. */
  atFraction: number
  error: CommandError
  message: string
}

export const ticksPerSecond = 10

/** What the guest has counted to. */
export function counterAt(guest: Guest, now: number): number {
  if (guest.countingSince === null) return guest.counter
  const ms = Math.max(0, now - guest.countingSince)
  return guest.counter + Math.floor((ms * ticksPerSecond) / 1000)
}

export function isActive(domain: SimulatedDomain): boolean {
  return domain.guest !== null || domain.state === 'incoming'
}
