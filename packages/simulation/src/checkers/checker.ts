import type { SimulatedDatacenter } from '@drover/hypervisor/simulated'
import type { Event, Task, World } from '@drover/model'
import type { CommandBody } from '@drover/protocol'
import type { Device } from '../fence/device'
import type { Ledger } from '../ledger/ledger'
import type { Network } from '../network/network'
import type { Replica } from '../world/replica'
import type { Witness } from '../world/witness'

/** What a checker may look at: the truth, what was made durable, and what everybody believes. */
export interface Scene {
  now(): number
  truth: SimulatedDatacenter
  ledger: Ledger
  /** The daemon that leads and has caught up; null while nobody does. */
  leader(): { name: string; term: number; seq: number; world: World } | null
  /** Browsers that follow along. */
  replicas: Replica[]
  /** Tasks that somebody was told are accepted. */
  accepted: Map<string, { at: number }>
  /** Orders as they left control: to which host, from which daemon. */
  sent: { commandId: string; host: string; by: string; term: number; body: CommandBody; at: number }[]
  /** Fence devices by name, with the orders that they took. */
  devices: Map<string, Device>
  network: Network
  witness: Witness
  /** What the agent of a host does when it is alone. */
  selfFence(host: string): { watchdog: boolean } | null
  /** The last agent of a host was stopped in an orderly way, and none has run since; `mute`: nothing else there answers. */
  released(host: string): 'mute' | 'answers' | null
  /** When an agent took up its duties again after one that had let go of them; 0: none had. */
  onDutySince(host: string): number
  /** Since when loads do not change any more; null: they do. */
  stillSince: number | null
  /** By how much times of one daemon may differ from those of another, or from its own of before. */
  skewMs(): number
  /** By uuid: when somebody or something past Drover last meddled with the VM. */
  meddled: Map<string, number>
  /** By uuid: VMs that somebody has started where they no longer lived. */
  strays: Set<string>
}

/** One invariant. Both answer with a sentence for every breach, and with nothing when all is well. */
export interface Checker {
  name: string
  /** The invariant in words. */
  holds: string
  /** After everything that happens. Must be cheap. */
  always?(scene: Scene): string[]
  /** When the faults are over and everything has come to rest. */
  atRest?(scene: Scene): string[]
}

/** Whether it is time to look again, for what stays as it is for a while and is dear to look at. */
export function everySoOften(ms: number): (scene: Scene) => boolean {
  let lookedAt = 0
  return ({ now }) => {
    if (now() - lookedAt < ms) return false
    lookedAt = now()
    return true
  }
}

/** What has become history since it was asked for last. */
export function news(): (scene: Scene) => readonly Event[] {
  let looked = 0
  return ({ ledger: { events } }) => {
    if (looked === events.length) return []
    const fresh = events.slice(looked)
    looked = events.length
    return fresh
  }
}

/** Tasks that somebody no longer waited for: what they had begun on a silent host is nobody's to clean up. */
export function givenUp(ledger: Ledger): Task[] {
  return [...ledger.folded.task.values()].filter(({ outcome }) => outcome?.code === 'given_up')
}

/** A breach, with what is needed to say it to a person. */
export class Breach extends Error {
  constructor(
    readonly checker: string,
    readonly sentence: string,
  ) {
    super(`${checker}: ${sentence}`)
    this.name = 'Breach'
  }
}
