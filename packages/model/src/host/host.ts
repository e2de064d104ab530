import type { ClusterId, DatastoreId, HostId, NetworkId } from '../id'
import type { StateTable } from '../state'

/** What control knows of the line to a host's agent. Silence is a suspicion, never a proof of death. */
export type HostState = 'connecting' | 'connected' | 'suspect'

export const hostStates: StateTable<HostState> = {
  connecting: { meaning: 'enrolled; its agent has not reported yet', exits: ['connected', 'suspect'] },
  connected: { meaning: 'its agent reports every second', exits: ['suspect'] },
  suspect: { meaning: 'its agent is silent; what it runs is not known', exits: ['connected'] },
}

/** What an operator has decided about a host; independent of whether its agent can be heard. */
export type HostMode = 'normal' | 'maintenance'

/** What the machine is, as its agent reads it. */
export interface HostFacts {
  hypervisor: {
    kind: 'libvirt' | 'simulated'
    version: string
    emulatorVersion: string
    accelerator: 'kvm' | 'tcg' | 'simulated'
  }
  cpu: { model: string; vendor: string; features: string[]; cores: number; mhz: number }
  memoryBytes: number
  /** Memory that the host keeps for itself; VMs may use the rest. */
  reservedMemoryBytes: number
  agentVersion: string
}

/** A datastore as one host sees it. The same uuid on two hosts means that it is the same storage. */
export interface DatastoreMount {
  datastoreId: DatastoreId
  /** Where this host has it mounted. Paths of disks are relative to it. */
  path: string
}

export interface Host {
  id: HostId
  clusterId: ClusterId
  name: string
  /** Where other hosts reach it for migration: a host name or address. */
  address: string
  state: HostState
  stateSince: number
  mode: HostMode
  modeReason: string | null
  /** Ed25519 public key (base64 of the raw 32 bytes) that its agent proves itself with. */
  publicKey: string
  facts: HostFacts | null
  datastores: DatastoreMount[]
  networks: NetworkId[]
  enrolledAt: number
}
