import type { ClusterId, DatastoreId, HostId, IncidentId, NetworkId, VmId } from '../id'
import type { PowerModel, Standby, WakeProof } from '../load/power'
import type { StateTable } from '../state'

/** What control knows of a host. Silence is a suspicion, `fenced` a proof; between the two nothing is started elsewhere. */
export type HostState =
  | 'connecting'
  | 'connected'
  | 'suspect'
  | 'unwatched'
  | 'isolated'
  | 'fencing'
  | 'fenced'

export const hostStates: StateTable<HostState> = {
  connecting: {
    meaning: 'its agent has not reported since it joined or came back',
    exits: ['connected', 'suspect', 'unwatched', 'fencing', 'fenced'],
  },
  connected: {
    meaning: 'its agent reports every second',
    exits: ['suspect', 'unwatched', 'fencing', 'fenced'],
  },
  suspect: {
    meaning: 'its agent is silent; what it runs is not known',
    exits: ['connected', 'unwatched', 'isolated', 'fencing', 'fenced'],
  },
  unwatched: {
    meaning: 'its agent was stopped in an orderly way: its VMs run, and nobody watches them',
    exits: ['connected', 'suspect', 'fencing', 'fenced'],
  },
  isolated: {
    meaning: 'its agent cannot be heard, but it still writes to its datastores: its VMs run',
    exits: ['connected', 'suspect', 'unwatched', 'fencing', 'fenced'],
  },
  fencing: {
    meaning: 'it is being made sure of; nothing of it starts elsewhere before that',
    exits: ['connected', 'suspect', 'fenced'],
  },
  fenced: { meaning: 'proven unable to run anything', exits: ['connecting'] },
}

/** States in which nobody hears its agent. */
export function isSilent(host: Pick<Host, 'state'>): boolean {
  return host.state !== 'connected' && host.state !== 'connecting'
}

/** What an operator, or the power rules, have decided about a host; independent of whether its agent can be heard. `standby`: empty, and off to save power. */
export type HostMode = 'normal' | 'entering' | 'maintenance' | 'standby'

/** Why it is certain that a host can run nothing: what proved it, when (ms), and who said so where a person did. */
export interface DeathProof {
  by: 'device' | 'self_fence' | 'person' | 'reboot' | 'shutdown'
  /** What ran there before this moment is dead: when its device was asked, or its deadline passed. Accepted later, as a rule. */
  at: number
  /** In words: "ipmi-esx-03 says that the power is off". */
  text: string
  /** The person's name. */
  person: string | null
}

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
  /** Another one after every power-on or reboot; the same across restarts of the agent. */
  bootId: string
  /** What its agent does when it has lost control and all datastores; null: it would do nothing, so waiting proves nothing. */
  selfFence: SelfFence | null
  /** Its agent was stopped in an orderly way and said so. Absent: nothing of the kind; its next hello takes it away. */
  goodbye?: Goodbye
}

/** What an agent said when it was asked to stop. */
export interface Goodbye {
  /** When control heard of it, by its own clock. */
  at: number
  /** What asked it to stop: "SIGTERM". */
  why: string
  /** Its machine was shutting down: then its silence says what silence always says. */
  goesDown: boolean
  /** When an application on the host answered a peer after that, as far as it was written down. Absent: never yet. */
  answeredAt?: number
}

export interface SelfFence {
  watchdog: boolean
  /**
   * What its agent holds itself to, as it says itself, across restarts: settings that it has not heard of do not count.
   * Null: it stops nothing. `datastores`: the uuids of those that renew the lease.
   */
  lease?: { ms: number; datastores: string[] } | null
}

/** A datastore as one host sees it. The same uuid on two hosts means that it is the same storage. */
export interface DatastoreMount {
  datastoreId: DatastoreId
  /** Where this host has it mounted. Paths of disks are relative to it. */
  path: string
  /** It has not been there since then; remembered because VMs of the host have disks on it. Absent: it is there. */
  lostAt?: number
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
  /** While `fenced`: how that is known. Null in every other state. */
  proof: DeathProof | null
  /** The open incident about it. */
  incidentId: IncidentId | null
  /** When it was lost lately, newest last: what makes a host that flaps. */
  lostAt: number[]
  /** Gets no VMs before this time, because it was lost too often. */
  quarantinedUntil: number | null
  /** Its guests were shut down together with it and wait for it; `isHeld` says whether they still do. */
  held: HostHold | null
  /** It sleeps, or is about to, to save power. Absent: it does not. */
  standby?: Standby
  /** That it comes up when it is woken; absent: never shown. */
  wake?: WakeProof
  /** What it draws; absent: as its cluster says. */
  powerModel?: PowerModel
  /** VMs that were deleted and of which it may still have definitions; removed when it can be heard. Absent: none. */
  leftovers?: Leftover[]
}

/** A VM as it was when it left the inventory. */
export interface Leftover {
  id: VmId
  name: string
  uuid: string
}

/** Since when guests wait for their host, and in which of its lives they were shut down. */
export interface HostHold {
  at: number
  bootId: string | null
}

/**
 * Whether VMs that live here and should run are left off on purpose: nothing starts them, here or elsewhere, before the
 * host has booted again and is in service. Judged from its row alone, so nobody has to end it.
 */
export function isHeld(host: Pick<Host, 'held' | 'mode' | 'facts'>): boolean {
  if (!host.held) return false
  return host.mode !== 'normal' || (host.facts?.bootId ?? null) === host.held.bootId
}

/** What high availability keeps of a host of which nothing bad is known. */
export const soundHost: Pick<Host, 'proof' | 'incidentId' | 'lostAt' | 'quarantinedUntil' | 'held'> = {
  proof: null,
  incidentId: null,
  lostAt: [],
  quarantinedUntil: null,
  held: null,
}
