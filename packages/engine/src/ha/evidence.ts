import {
  type Cluster,
  type Datastore,
  type DatastoreId,
  type Evidence,
  type Host,
  type HostId,
  type PowerState,
  sayDuration,
  sayFew,
  type World,
} from '@drover/model'
import { selfFencedAt } from '@drover/protocol'
import { storageSide } from './beats'
import { type AgentSays, classify, type PeersSay, type Row, type StorageSays } from './classify'
import { sharedDatastores } from './duties'
import { explains, goodbyeOf, type Heard, mayHaveLeft } from './goodbye'
import { type Witness, witnessesOf } from './witnesses'

/** The devices of a host that has been silent for so long have been asked. */
const askedMs = 3_000
/** What a peer saw this long ago still counts: where there are many, each is tried every five seconds, and that may take two. */
const reachMs = 9_000

/** Everything that is known of a host now, side by side, and what it comes to. */
export interface Look {
  agent: AgentSays
  storage: StorageSays
  peers: PeersSay
  power: PowerState
  row: Row
  /** What its agent said when it was stopped; null: it was not, or lives again. */
  goodbye: Heard | null
  /** The last sign of life by way of storage or peers; null: none that is known. */
  signAt: number | null
  /** The last sign of its agent, with or without control: a heartbeat to control or on a datastore. */
  agentAt: number
  /** When an application on it was last known to answer a peer. */
  reachedAt: number | null
  /** The same, also where it answers nobody any more. */
  answeredAt: number | null
  /** Every shared datastore of the host has a witness, and on each its heartbeat stands still. */
  staleEverywhere: boolean
  evidence: Evidence[]
}

/** What is the same for every host that is looked at in one moment. */
export interface Around {
  witnesses: readonly Witness[]
  shared: Map<DatastoreId, Datastore>
}

export function aroundAt(world: World, now: number): Around {
  return { witnesses: witnessesOf(world, now), shared: sharedDatastores(world) }
}

/** Looks at a host from all four sides. Who looks at many passes what is around them. */
export function lookAt(world: World, host: Host, now: number, around = aroundAt(world, now)): Look {
  const witnesses = around.witnesses.filter((witness) => witness.host.id !== host.id)
  const storage = storageSide(world, host, witnesses, around.shared, now)
  const peers = peersSide(world, host, witnesses, now)
  const power = powerSide(world, host, now)
  const signAt = lastSign(world, host)
  const goodbye = goodbyeOf(world, host, signAt)
  const agent = goodbye && explains(goodbye, peers, world, now) ? 'stopped' : 'silent'
  const row = classify(agent, storage.says, peers.says, power.says)
  const heardAt = world.live.get(host.id)?.heardAt ?? now
  const signs = [storage.beatAt, peers.reachedAt, signAt].filter((at) => at !== null)
  return {
    agent,
    goodbye,
    storage: storage.says,
    peers: peers.says,
    power: power.says,
    row,
    signAt: signs.length > 0 ? Math.max(...signs) : null,
    agentAt: Math.max(heardAt, storage.beatAt ?? heardAt),
    reachedAt: peers.reachedAt,
    answeredAt: peers.answeredAt,
    staleEverywhere: storage.everywhere,
    evidence: [agentSide(world, host, now, goodbye), storage.evidence, power.evidence, peers.evidence],
  }
}

/**
 * When anybody last told of a heartbeat of this host that moved, also somebody who cannot be asked any more: an agent that
 * has just been started has not read anything yet, and that is no reason to take its neighbour for dead.
 */
function lastSign(world: World, host: Host): number | null {
  let last: number | null = null
  for (const { signs } of world.live.values()) {
    const at = signs?.get(host.id)
    if (at !== undefined && at > (last ?? 0)) last = at
  }
  return last
}

/** What the four sides say of a host, in words. */
export function evidenceOf(world: World, host: Host, now: number): Evidence[] {
  return lookAt(world, host, now).evidence
}

/** How long a host has been silent, in ms; negative: a new leader has not waited long enough to say. */
export function silentMs(world: World, host: Host, now: number): number {
  return now - (world.live.get(host.id)?.heardAt ?? host.stateSince)
}

function agentSide(world: World, host: Host, now: number, goodbye: Heard | null): Evidence {
  const silent = silentMs(world, host, now)
  if (silent < 0)
    return { side: 'agent', says: 'unknown', text: 'control has only just begun to listen', at: now }
  const heard = silent < (world.tables.cluster.get(host.clusterId)?.ha.suspectMs ?? 3_000)
  const text = heard
    ? 'its agent is heard'
    : goodbye
      ? `its agent was stopped in an orderly way by ${goodbye.why} ${sayDuration(now - goodbye.at)} ago`
      : `its agent has been silent for ${sayDuration(silent)}`
  return { side: 'agent', says: heard ? 'alive' : 'dead', text, at: now }
}

function peersSide(
  world: World,
  host: Host,
  witnesses: Witness[],
  now: number,
): { says: PeersSay; reachedAt: number | null; answeredAt: number | null; evidence: Evidence } {
  const yes: string[] = []
  const no: string[] = []
  let reachedAt: number | null = null
  let answeredAt: number | null = null
  // What somebody saw who cannot be heard any more, it has seen.
  for (const [id, live] of world.live) {
    const reach = id === host.id ? undefined : live.reaches.get(host.id)
    if (reach?.okAt !== undefined) answeredAt = Math.max(answeredAt ?? 0, reach.okAt)
    if (reach?.ok) reachedAt = Math.max(reachedAt ?? 0, reach.at)
  }
  for (const { host: peer, live } of witnesses) {
    const reach = live.reaches.get(host.id)
    if (reach && now - reach.at <= reachMs) (reach.ok ? yes : no).push(peer.name)
  }
  const says: PeersSay = yes.length > 0 ? 'reach' : no.length > 0 ? 'none' : 'unknown'
  const text =
    says === 'reach'
      ? `its hypervisor answers ${sayFew(yes)}`
      : says === 'none'
        ? `${sayFew(no)} cannot reach it`
        : 'no other host has tried to reach it'
  const word = { reach: 'alive', none: 'dead', unknown: 'unknown' } as const
  return { says, reachedAt, answeredAt, evidence: { side: 'peers', says: word[says], text, at: now } }
}

/** Only what a device said after the host fell silent counts. */
function powerSide(world: World, host: Host, now: number): { says: PowerState; evidence: Evidence } {
  const live = world.live.get(host.id)
  const power = live?.power && live.power.askedAt >= live.heardAt ? live.power : null
  const says = power?.state ?? 'unknown'
  const word = { on: 'alive', off: 'dead', unknown: 'unknown' } as const
  const asked = silentMs(world, host, now) >= askedMs ? 'have not answered' : 'are asked when it falls silent'
  const text =
    power?.text ?? (hasDevices(world, host.id) ? `its fence devices ${asked}` : 'it has no fence device')
  return { says, evidence: { side: 'power', says: word[says], text, at: power?.at ?? now } }
}

function hasDevices(world: World, hostId: HostId): boolean {
  return (world.index.fencesByHost.get(hostId)?.size ?? 0) > 0
}

/** What peers last said of a host that is gone from one moment to the next is at most this old. */
const reachLagMs = 10_000

/**
 * Whether a host's hypervisor answers others long after the last sign of its agent. Then nobody is there who would stop its
 * VMs, whatever becomes of the host; a watchdog does not either, for it would have reset the host already.
 */
export function agentIsDown({ peers, storage, agentAt, reachedAt }: Look): boolean {
  return peers === 'reach' && storage !== 'fresh' && reachedAt !== null && reachedAt - agentAt > reachLagMs
}

/** Whether that was seen since the host fell silent; in maintenance nobody has looked. */
function agentWasDown(world: World, host: Host): boolean {
  const incident = host.incidentId ? world.tables.incident.get(host.incidentId) : undefined
  return incident ? incident.marks.some(({ mark }) => mark === 'agent down') : host.mode === 'maintenance'
}

/**
 * When a silent host has certainly stopped its VMs by itself; null when it would not, or when that cannot be known: its
 * agent may have kept its lease on a datastore that nobody else reads, or may have been dead before.
 */
export function selfFenceAt(
  world: World,
  host: Host,
  now: number,
  look: Look = lookAt(world, host, now),
): number | null {
  const cluster = world.tables.cluster.get(host.clusterId)
  // Its agent may not have heard of a new setting: what counts is what it says that it holds itself to.
  const lease = host.facts?.selfFence?.lease
  if (!cluster || !lease || cluster.ha.mode === 'handsOff' || !countsAsProof(cluster, host)) return null
  // Nobody there would stop anything.
  if (mayHaveLeft(world, host, look.goodbye)) return null
  if (!look.staleEverywhere || look.peers === 'reach' || agentWasDown(world, host)) return null
  const heardAt = world.live.get(host.id)?.heardAt ?? now
  return selfFencedAt(Math.max(heardAt, look.signAt ?? heardAt), Math.max(lease.ms, cluster.ha.leaseMs))
}

/** Whether this host's own deadline is believed: without a watchdog only where an admin has said so. */
export function countsAsProof({ ha }: Cluster, { facts }: Host): boolean {
  return facts?.selfFence != null && (facts.selfFence.watchdog || ha.selfFenceProof === 'agent')
}
