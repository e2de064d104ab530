import { type Hypervisor, HypervisorError } from '@drover/hypervisor'
import { SimulatedHypervisor } from '@drover/hypervisor/simulated'
import { isOpen, type Task } from '@drover/model'
import { allCheckers, leftovers } from '../checkers'
import { decisionFor, type Request } from '../workload/requests'
import { reading } from '../world/machine'
import { Simulation } from '../world/simulation'
import type { Site } from '../world/site'

/** One task that is done while something goes wrong. */
export interface Story {
  name: string
  /** What somebody asks for, or what happens to a host that has to be looked after. */
  request: Request | { kind: 'loses power'; host: string }
  /** What is done and over before, one after the other. */
  before?: Request[]
  /** What operators have set up; nothing when absent. */
  site?: Partial<Site>
  /** The hosts that take part; the second one is where a migration goes. */
  hosts: string[]
  /** It goes on until all that came of it has ended, and not only its first task. */
  whole?: boolean
}

/** Who is struck, at a point of the story. */
export type Victim =
  | 'control'
  | 'lone control'
  | 'store'
  | 'source agent'
  | 'source agent, back at once'
  | 'target agent'
  | 'line'
  | 'source power'
  | 'target power'
  /** All fence devices of the source say OK and do nothing. */
  | 'devices lie'
  /** They answer with errors. */
  | 'devices refuse'
  /** They do not answer. */
  | 'devices are gone'
  /** Somebody presses the power button of the source. */
  | 'source boots'
  /** Whatever starts from then on does not come up within an hour. */
  | 'source never comes'
  /** Somebody at the hypervisor of the source starts what is off there. */
  | 'VMs start'

/** Somebody is struck when the point with that number is passed. */
export interface Strike {
  victim: Victim
  at: number
}

/** What goes wrong in a run of a story. */
export interface Disturbance {
  strike?: Strike
  /** The operation with that number, as the agents ask the hypervisor for them, fails; `after` it was done in truth. */
  failure?: { at: number; when: 'before' | 'after' }
  /** What may stay behind, because it is the removing that goes wrong. */
  mayLeave?: boolean
  /** Every message that may be repeated is, at once or up to 20 s later. */
  twice?: boolean
}

export interface Run {
  sim: Simulation
  task: Task
  /** The operations that agents asked their hypervisors for. */
  operations: string[]
  /** The points that were passed from the request to the end of its task. */
  points: string[]
}

const seed = 20_260_105

/** Runs the story undisturbed, or with something going wrong. Throws the breach, if there is one. */
export async function runStory(story: Story, disturbance: Disturbance = {}): Promise<Run> {
  const { strike, failure, twice, mayLeave } = disturbance
  const daemons = strike?.victim === 'lone control' ? ['control-a'] : ['control-a', 'control-b']
  const operations: string[] = []
  const told = { begun: false }
  const sim = new Simulation({
    seed,
    daemons,
    site: story.site,
    checkers: mayLeave ? allCheckers() : [...allCheckers(), leftovers()],
    repeats: twice ? 1 : 0,
    plant: { hypervisor: (real) => failing(real, operations, told, failure) },
  })
  await sim.begin()
  for (const request of story.before ?? []) {
    await sim.must(decisionFor(request))
    await sim.until(() => sim.openTasks() === 0, 60_000)
    await sim.advance(3_000)
  }
  if (strike) sim.points.strike(strike.at, (label) => hit(sim, story, strike.victim, label))
  const before = new Set(sim.ledger.folded.task.keys())
  const fresh = (): Task | undefined =>
    [...sim.ledger.folded.task.values()].find((task) => !before.has(task.id))
  sim.points.arm()
  told.begun = true
  const tick = (): void => {
    sim.points.pass('time goes by')
    sim.clock.setTimer(1_000, tick)
  }
  sim.clock.setTimer(1_000, tick)
  await begin(sim, story.request, () => fresh() !== undefined)
  await sim.until(() => !isOpen(fresh()!), 600_000)
  if (story.whole) {
    await sim.advance(3_000)
    await sim.until(() => sim.openTasks() === 0 && !recovers(sim), 600_000)
  }
  sim.points.disarm()
  sim.mend()
  await sim.rest()
  return { sim, task: fresh()!, operations, points: sim.points.passed }
}

/** Asks for it or has it happen, until something has begun. */
async function begin(sim: Simulation, request: Story['request'], begun: () => boolean): Promise<void> {
  if (request.kind === 'loses power') {
    sim.losePower(request.host)
    return sim.wait('somebody looks after it', begun, 120_000)
  }
  await sim.ask(decisionFor(request))
  if (begun()) return
  // The request died with the daemon: nothing was promised, and asking again has to work.
  const ready = (): boolean => sim.leadingDaemon()?.control?.health().databaseAwaySince === null
  await sim.until(() => ready() && sim.allConnected(), 60_000)
  await sim.until(begun, 1_000)
  if (!begun()) await sim.must(decisionFor(request))
}

/** Whether a VM is being started again, or waits for that. */
function recovers({ ledger }: Simulation): boolean {
  return [...ledger.folded.vm.values()].some(({ recovery }) => recovery && recovery.state !== 'error')
}

/** Counts the operations, and has one of them fail. */
function failing(
  real: Hypervisor,
  operations: string[],
  told: { begun: boolean },
  failure: Disturbance['failure'],
): Hypervisor {
  return new Proxy(real, {
    get: (target, name) => {
      const member = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      const call = member.bind(target) as (...args: unknown[]) => Promise<unknown>
      if (!told.begun || reading.has(String(name)) || name === 'onChange') return call
      return async (...args: unknown[]) => {
        const here = failure?.at === operations.push(String(name)) - 1
        const error = new HypervisorError('failed', 'It was told to fail.')
        if (here && failure?.when === 'before') throw error
        const outcome = await call(...args)
        if (here) throw error
        return outcome
      }
    },
  })
}

const deviceModes = {
  'devices lie': 'lying',
  'devices refuse': 'refusing',
  'devices are gone': 'broken',
} as const

/** Past Drover, which is not to blame for it. */
function startAside(sim: Simulation, host: string, uuid: string): void {
  sim.meddled.set(uuid, sim.now() + 3_000)
  new SimulatedHypervisor(sim.truth, host)
    .start(uuid)
    .catch((error: Error) => sim.log.add(host, `somebody tried to start ${uuid}: ${error.message}`))
}

function hit(sim: Simulation, story: Story, victim: Victim, label: string): void {
  sim.log.add('strike', `${victim} at "${label}"`)
  const later = (ms: number, fn: () => void): void => {
    sim.clock.setTimer(ms, fn)
  }
  const machine = sim.machines.get(story.hosts[victim.startsWith('target') ? 1 : 0]!)!
  switch (victim) {
    case 'control':
    case 'lone control': {
      const daemon = sim.leadingDaemon()
      daemon?.kill()
      later(2_000, () => daemon?.start())
      return
    }
    case 'store':
      sim.store.goAway()
      later(4_000, () => sim.store.comeBack())
      return
    case 'source agent, back at once':
      machine.killAgent()
      later(20, () => machine.startAgent())
      return
    case 'source agent':
    case 'target agent':
      machine.killAgent()
      later(1_500, () => machine.startAgent())
      return
    case 'line':
      for (const daemon of sim.daemons.keys()) sim.network.cut(machine.name, daemon)
      later(8_000, () => sim.network.healAll())
      return
    case 'source power':
    case 'target power':
      sim.losePower(machine.name)
      later(20_000, () => machine.getPower())
      return
    case 'devices lie':
    case 'devices refuse':
    case 'devices are gone':
      for (const device of sim.devices.values())
        if (device.is.host === machine.name) device.mode = deviceModes[victim]
      return
    case 'source boots':
      machine.getPower()
      return
    case 'source never comes':
      machine.bootMs = 3_600_000
      return
    case 'VMs start':
      for (const { uuid, guest } of sim.truth.host(machine.name).domains.values())
        if (!guest) startAside(sim, machine.name, uuid)
      return
  }
}
