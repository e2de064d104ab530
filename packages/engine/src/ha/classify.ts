import type { Finding, PowerState } from '@drover/model'

/** How an agent fell silent. `stopped`: it said goodbye, and nothing since then says that there is more to its silence. */
export type AgentSays = 'silent' | 'stopped'
/** What a silent host's heartbeat on shared datastores says. `unknown`: nobody who could read it does. */
export type StorageSays = 'fresh' | 'stale' | 'unknown'
/** Whether an application on it answers the other hosts. `unknown`: none of them has tried. */
export type PeersSay = 'reach' | 'none' | 'unknown'

/** What follows from a finding, as long as nothing else (a storm, a disarmed cluster) stands against it. */
export type Then =
  /** Its VMs run: nothing is started elsewhere. The cluster may want it fenced all the same. */
  | 'leave'
  /** Make sure of it, by its devices, its own deadline or a person. */
  | 'fence'
  /** It is proven already. */
  | 'proof'
  /** Nothing is done before more is known, or a person says. */
  | 'wait'

export interface Row {
  agent: readonly AgentSays[]
  storage: readonly StorageSays[]
  peers: readonly PeersSay[]
  power: readonly PowerState[]
  finding: Finding
  follows: Then
  why: string
}

const anyAgent: Row['agent'] = ['silent', 'stopped']
const silent: Row['agent'] = ['silent']
const anyStorage: Row['storage'] = ['fresh', 'stale', 'unknown']
const anyPeers: Row['peers'] = ['reach', 'none', 'unknown']
const anyPower: Row['power'] = ['on', 'off', 'unknown']
const notFresh: Row['storage'] = ['stale', 'unknown']
const notReached: Row['peers'] = ['none', 'unknown']

/**
 * What the sides of the evidence mean together, for a host whose agent is silent. The first row that fits counts, and
 * every combination fits one. Heartbeats on datastores are written by the agent, so a stale one does not tell a dead host
 * from one whose agent has crashed: that is what the peers are asked for. They count a host as reached only when an
 * application on it answers, not its kernel alone.
 *
 * An agent that said goodbye is silent on purpose, and so are its heartbeats: from then on only what positively speaks of
 * death counts, which is power that is off. `explains` says when a goodbye stops to explain what is seen.
 */
export const classification: readonly Row[] = [
  {
    agent: ['stopped'],
    storage: ['fresh'],
    peers: anyPeers,
    power: anyPower,
    finding: 'unwatched',
    follows: 'leave',
    why: 'Its agent was stopped in an orderly way just now: its VMs run, and nobody watches them.',
  },
  {
    agent: ['stopped'],
    storage: notFresh,
    peers: anyPeers,
    power: ['on', 'unknown'],
    finding: 'unwatched',
    follows: 'leave',
    why: 'Its agent was stopped in an orderly way, which explains its silence: its VMs run, and nobody watches them.',
  },
  {
    agent: silent,
    storage: ['fresh'],
    peers: anyPeers,
    power: ['off'],
    finding: 'isolated',
    follows: 'leave',
    why: 'It writes to its datastores, so it runs, whatever its fence device says: that device is wrong.',
  },
  {
    agent: silent,
    storage: ['fresh'],
    peers: anyPeers,
    power: ['on', 'unknown'],
    finding: 'isolated',
    follows: 'leave',
    why: 'It still writes to its datastores: its VMs run, and only the way between it and control is cut.',
  },
  {
    agent: silent,
    storage: notFresh,
    peers: ['reach'],
    power: ['on', 'unknown'],
    finding: 'isolated',
    follows: 'leave',
    why: 'Its hypervisor answers other hosts: its agent is down, and its VMs run.',
  },
  {
    agent: anyAgent,
    storage: notFresh,
    peers: ['reach'],
    power: ['off'],
    finding: 'unproven',
    follows: 'wait',
    why: 'Its fence device says that it is off, but it answers other hosts: one of them is out of date or wrong.',
  },
  {
    agent: anyAgent,
    storage: notFresh,
    peers: notReached,
    power: ['off'],
    finding: 'off',
    follows: 'proof',
    why: 'It is off.',
  },
  {
    agent: silent,
    storage: ['stale'],
    peers: notReached,
    power: ['on'],
    finding: 'hung',
    follows: 'fence',
    why: 'It has power, but writes to no datastore and answers nobody: it hangs, or is cut off from everything.',
  },
  {
    agent: silent,
    storage: ['unknown'],
    peers: ['none'],
    power: ['on'],
    finding: 'hung',
    follows: 'fence',
    why: 'It has power, but answers neither control nor any other host, and nobody could read a heartbeat of it.',
  },
  {
    agent: silent,
    storage: ['stale'],
    peers: notReached,
    power: ['unknown'],
    finding: 'unproven',
    follows: 'fence',
    why: 'It writes to no datastore and answers nobody, and no fence device says whether it has power.',
  },
  {
    agent: silent,
    storage: ['unknown'],
    peers: ['none'],
    power: ['unknown'],
    finding: 'unproven',
    follows: 'fence',
    why: 'It answers nobody, and no fence device says whether it has power.',
  },
  {
    agent: silent,
    storage: ['unknown'],
    peers: ['unknown'],
    power: ['on', 'unknown'],
    finding: 'unproven',
    follows: 'wait',
    why: 'Control alone does not hear it, and nobody else can look: the trouble may be on this side.',
  },
]

/** The row of the table for what is seen. */
export function classify(agent: AgentSays, storage: StorageSays, peers: PeersSay, power: PowerState): Row {
  const row = classification.find(
    (one) =>
      one.agent.includes(agent) &&
      one.storage.includes(storage) &&
      one.peers.includes(peers) &&
      one.power.includes(power),
  )
  if (!row) throw new Error(`the classification has no row for ${agent}, ${storage}, ${peers}, ${power}`)
  return row
}

export const sides = { agent: anyAgent, storage: anyStorage, peers: anyPeers, power: anyPower }
