import { demand, type SimulatedHost } from '@drover/hypervisor/simulated'
import type { Simulation } from '../world/simulation'
import { changeLoad, holdStill } from './load'

/** Long enough for hosts to be emptied and to go to sleep. */
const eveningMs = 90_000
/** Long enough for hosts to be woken and for what they relieve to be moved there. */
const spikeMs = 120_000
/** So long it lasts at least. */
const shortSpikeMs = 40_000
/** A host whose guests want more than this share of its cores does not give them all they want. */
const enough = 0.98
const everyMs = 1_000

/** What came of a spike. */
export interface Spike {
  /** Hosts that slept when it began. */
  asleep: number
  /** Until those awake had enough for all guests together; null: not in time. */
  enoughMs: number | null
  /** Until no guest had to wait for its CPU; null: not in time, because of cooldowns and budgets if there was enough. */
  reliefMs: number | null
}

/**
 * A day without faults, for who looks after load: an evening on which nobody does anything, a morning on which everybody
 * does at once, and then nothing changes any more. What was done in the last part is for a checker to judge.
 */
export async function liveDay(sim: Simulation): Promise<Spike> {
  const vms = sim.description.vms.map(({ name }) => name)
  sim.log.add('world', 'it is evening: nobody does anything')
  changeLoad(sim, { vms, cpu: 0.03, memory: 0.2, overMs: 5_000 })
  await sim.advance(eveningMs)
  const asleep = sleepers(sim)
  const busy = sim.random.between(35, 90) / 100
  sim.log.add('world', `a spike: every guest wants ${busy} of its CPUs; ${asleep} hosts are asleep`)
  changeLoad(sim, { vms, cpu: busy, memory: 0.5, overMs: 0 })
  const began = sim.now()
  let relievedAt: number | null = null
  let enoughAt: number | null = wantsMore(sim) ? null : began
  while (sim.now() - began < spikeMs) {
    await sim.advance(everyMs)
    if (enoughAt === null && !wantsMore(sim)) enoughAt = sim.now()
    if (!isShort(sim)) {
      relievedAt = sim.now()
      break
    }
  }
  const reliefMs = relievedAt === null ? null : relievedAt - began
  const idle = [...sim.ledger.folded.host.values()].filter(
    ({ name, standby, wake }) => sim.sleeps(name) && wake && !standby?.byHand && !standby?.failed,
  )
  // Budgets and cooldowns may keep guests where they are; that there is enough awake for all of them is a matter of waking.
  if (reliefMs === null && asleep > 0 && idle.length > 0 && wantsMore(sim))
    throw sim.fail(
      'a spike is served',
      `guests want more than those who are awake have for ${spikeMs / 1000} s, and ${idle.map(({ name }) => name).join(', ')} sleep`,
    )
  sim.log.add('world', `${reliefMs === null ? 'no relief' : `relieved after ${reliefMs} ms`} of the spike`)
  await sim.advance(Math.max(0, shortSpikeMs - (sim.now() - began)))
  holdStill(sim)
  sim.still()
  return { asleep, enoughMs: enoughAt === null ? null : enoughAt - began, reliefMs }
}

/** Hosts that are off, and not because anything is wrong. */
function sleepers(sim: Simulation): number {
  return [...sim.machines.keys()].filter((name) => sim.sleeps(name)).length
}

/** Whether guests want more of a host than it has. */
function isShort(sim: Simulation): boolean {
  return [...sim.truth.hosts.values()].some((host) => wantedOf(sim, host) > enough * host.is.cores)
}

/** Whether all guests together want more than all that are awake have. */
function wantsMore(sim: Simulation): boolean {
  const awake = [...sim.truth.hosts.values()].filter(({ on }) => on)
  const wanted = awake.reduce((sum, host) => sum + wantedOf(sim, host), 0)
  return wanted > enough * awake.reduce((sum, { is }) => sum + is.cores, 0)
}

/** What its guests want, in cores. */
function wantedOf({ truth, now }: Simulation, { domains }: SimulatedHost): number {
  return [...domains.values()]
    .filter(({ guest, state }) => guest && state === 'running')
    .reduce((sum, { uuid, vcpus }) => sum + vcpus * demand(truth.profile(uuid), now()), 0)
}
