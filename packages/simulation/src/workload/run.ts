import { SimulatedHypervisor } from '@drover/hypervisor/simulated'
import { Breach, type Checker } from '../checkers'
import { Random } from '../random/random'
import { describeDatacenter, type Shape } from '../world/description'
import { type Answer, type Plant, Simulation } from '../world/simulation'
import { type Action, defaultPlan, drawPlan, type Planned, type PlanOptions } from './plan'
import { decisionFor, fitting } from './requests'

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
  const plan = options.plan ?? drawPlan(seed, description, daemons, { ...defaultPlan, ...options })
  const repeats = new Random(seed ^ 0xd0b1e).chance(0.5) ? 0.1 : 0
  const sim = new Simulation({
    seed,
    description,
    daemons,
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
  } catch (error) {
    if (!(error instanceof Breach)) throw error
    breach = error
  }
  for (const task of sim.ledger.folded.task.values()) count(counts, `tasks ${task.state}`)
  counts.events = sim.ledger.events.length
  return {
    seed,
    plan,
    breach,
    log: sim.log.text,
    logSha256: sim.log.sha256,
    counts,
    virtualMs: sim.now() - startedAt,
  }
}

function drawShape(seed: number): Shape {
  const random = new Random(seed ^ 0x54a9e)
  return {
    hosts: random.between(2, 4),
    shared: { running: random.between(1, 5), off: random.between(0, 2) },
    local: { running: random.between(0, 3), off: random.between(0, 2) },
  }
}

function perform(sim: Simulation, action: Action, counts: Record<string, number>): void {
  const { kind, ...rest } = action
  sim.log.add('world', `${kind} ${JSON.stringify(rest)}`)
  count(counts, kind === 'ask' ? 'requests' : 'faults')
  const after = (ms: number, fn: () => void): void => {
    sim.clock.setTimer(ms, fn)
  }
  switch (action.kind) {
    case 'ask':
      ask(sim, action, counts).catch((error: Error) =>
        sim.fail('requests are answered', `${action.request.kind} ${action.request.vm}: ${error.message}`),
      )
      return
    case 'outside':
      meddle(sim, action.what, action.vm)
      return
    case 'kill control': {
      const daemon = sim.leadingDaemon() ?? [...sim.daemons.values()][0]!
      daemon.kill()
      after(action.forMs, () => daemon.start())
      return
    }
    case 'kill agent': {
      const machine = sim.machines.get(action.host)!
      machine.killAgent()
      after(action.forMs, () => machine.startAgent())
      return
    }
    case 'control stalls':
      sim.daemons.get(action.daemon)!.stall(action.forMs)
      return
    case 'agent stalls':
      sim.machines.get(action.host)!.stallAgent(action.forMs)
      return
    case 'power loss': {
      const machine = sim.machines.get(action.host)!
      sim.losePower(action.host)
      after(action.forMs, () => machine.getPower())
      return
    }
    case 'cut':
      sim.network.cut(action.from, action.to)
      after(action.forMs, () => sim.network.heal(action.from, action.to))
      return
    case 'slow wire':
      sim.network.slowDown(action.station, action.extraMs)
      after(action.forMs, () => sim.network.slowDown(action.station, 0))
      return
    case 'store away':
      sim.store.goAway()
      after(action.forMs, () => sim.store.comeBack())
      return
    case 'store out of reach':
      sim.store.cutOff.add(action.daemon)
      after(action.forMs, () => sim.store.cutOff.delete(action.daemon))
      return
    case 'operation fails':
      sim.truth.inject({
        host: action.host,
        operation: action.operation,
        atFraction: action.atFraction,
        error: 'failed',
        message: 'It was told to fail.',
      })
      return
    case 'migration link down':
      sim.truth.setLink(action.host, false)
      after(action.forMs, () => sim.truth.setLink(action.host, true))
      return
    case 'slow host':
      sim.truth.host(action.host).slowness = action.factor
      after(action.forMs, () => {
        sim.truth.host(action.host).slowness = 1
      })
      return
    case 'clock jumps':
      sim.jumpClock(action.daemon, action.byMs)
  }
}

async function ask(
  sim: Simulation,
  action: Extract<Action, { kind: 'ask' }>,
  counts: Record<string, number>,
) {
  const daemon = sim.leadingDaemon()
  const world = daemon?.control?.world
  const request = action.fitting && world ? fitting(world, action.request) : action.request
  const answer: Answer<unknown> = daemon
    ? await sim.asked(daemon, decisionFor(request))
    : { kind: 'refused', codes: ['nobody leads'] }
  count(counts, `requests ${answer.kind}`)
  const words = answer.kind === 'refused' ? answer.codes.join(', ') : ''
  sim.log.add('world', `${request.kind} ${request.vm}: ${answer.kind} ${words}`)
}

/** What somebody with a shell on the host can do to a VM. */
function meddle(sim: Simulation, what: 'start' | 'stop' | 'suspend' | 'resume', name: string): void {
  for (const host of sim.truth.hosts.values()) {
    const domain = [...host.domains.values()].find((d) => d.name === name && d.state !== 'incoming')
    if (!domain || !host.on) continue
    sim.meddled.set(domain.uuid, sim.now() + 3_000)
    new SimulatedHypervisor(sim.truth, host.is.name)
      [what](domain.uuid)
      .catch((error: Error) =>
        sim.log.add(host.is.name, `somebody tried to ${what} ${name}: ${error.message}`),
      )
    return
  }
}

function count(counts: Record<string, number>, what: string): void {
  counts[what] = (counts[what] ?? 0) + 1
}
