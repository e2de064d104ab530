import { Breach, type Checker } from '../checkers'
import { Random } from '../random/random'
import { describeDatacenter } from '../world/description'
import { type Plant, Simulation } from '../world/simulation'
import type { LoadSite } from '../world/site'
import { liveDay } from './day'
import { perform } from './perform'
import { defaultPlan, drawPlan, type Planned, type PlanOptions } from './plan'
import { drawShape, drawSite, saySite } from './site'

export interface WorkloadOptions extends Partial<PlanOptions> {
  seed: number
  /** In place of the one drawn from the seed. */
  plan?: Planned[]
  checkers?: Checker[]
  /** Made anew for each run: it may remember. */
  plant?: Plant
}

export interface WorkloadResult {
  seed: number
  plan: Planned[]
  /** The site, in words. */
  drawn: string
  breach: Breach | null
  log: string
  logSha256: string
  /** Requests by what came of them, tasks by how they ended, and the size of history. */
  counts: Record<string, number>
  virtualMs: number
}

const daemons = ['control-a', 'control-b']

/** One random run: an installation of drawn size, requests and faults as planned, then mended, then everything checked. */
export async function runWorkload(options: WorkloadOptions): Promise<WorkloadResult> {
  const { seed } = options
  const description = describeDatacenter(seed, drawShape(seed))
  const site = drawSite(seed, description)
  const devices = site.devices.map(({ name }) => name)
  const plan =
    options.plan ??
    drawPlan(
      seed,
      description,
      { daemons, devices, load: site.load },
      { ...defaultPlan, ...options, ...(site.load ? { minutes: loadMinutes(options.minutes) } : {}) },
    )
  const repeats = new Random(seed ^ 0xd0b1e).chance(0.5) ? 0.1 : 0
  const sim = new Simulation({
    seed,
    description,
    daemons,
    site,
    repeats,
    checkers: options.checkers,
    plant: options.plant,
  })
  const counts: Record<string, number> = {}
  const startedAt = sim.now()
  let breach: Breach | null = null
  try {
    await sim.begin()
    const beganAt = sim.now()
    for (const { atMs, action } of plan) {
      sim.clock.setTimer(beganAt + atMs - sim.now(), () => perform(sim, action, counts))
    }
    const lastAt = plan.at(-1)?.atMs ?? 0
    await sim.advance(lastAt + 20_000)
    sim.mend()
    await sim.rest()
    if (site.load) {
      const { asleep, enoughMs, reliefMs } = await liveDay(sim)
      if (asleep > 0) {
        const held = enoughMs === null ? 'spikes without relief' : 'spikes with room and no moves'
        count(counts, reliefMs === null ? held : 'spikes on sleepers relieved')
        counts['spike relief ms'] = (counts['spike relief ms'] ?? 0) + (reliefMs ?? 0)
        counts['spike relief ms at most'] = reliefMs ?? 0
      }
      await sim.advance(settleMs(site.load))
      await sim.rest()
    }
  } catch (error) {
    if (!(error instanceof Breach)) throw error
    breach = error
  }
  for (const task of sim.ledger.folded.task.values()) count(counts, `tasks ${task.state}`)
  counts.events = sim.ledger.events.length
  return {
    seed,
    plan,
    drawn: saySite(site, description),
    breach,
    log: sim.log.text,
    logSha256: sim.log.sha256,
    counts,
    virtualMs: sim.now() - startedAt,
  }
}

/** What is about load goes on after its faults, and gets no more time in all than twice what others get. */
function loadMinutes(minutes = defaultPlan.minutes): number {
  return (minutes * 2) / 3
}

/** Time for one round more than there may be once loads have stopped changing. */
function settleMs({ balance: { holdMs = 0 } }: LoadSite): number {
  return 4 * (2 * holdMs + 5_000)
}

function count(counts: Record<string, number>, what: string): void {
  counts[what] = (counts[what] ?? 0) + 1
}
