import type { HypervisorError } from '@drover/hypervisor'
import { isOpen, type Task } from '@drover/model'
import { allCheckers, leftovers } from '../checkers'
import { decisionFor, type Request } from '../workload/requests'
import { Simulation } from '../world/simulation'

/** One task that is done while something goes wrong. */
export interface Story {
  name: string
  request: Request
  /** The hosts that take part; the second one is where a migration goes. */
  hosts: string[]
}

/** Who is struck, at a point of the story. */
export type Victim =
  | 'control'
  | 'lone control'
  | 'store'
  | 'source agent'
  | 'target agent'
  | 'line'
  | 'source power'
  | 'target power'

export interface Run {
  sim: Simulation
  task: Task
  /** The points that were passed from the request to the end of its task. */
  points: string[]
}

const seed = 20_260_105

/** Runs the story undisturbed, or with `victim` struck at point `at`. Throws the breach, if there is one. */
export async function runStory(story: Story, strike?: { victim: Victim; at: number }): Promise<Run> {
  const daemons = strike?.victim === 'lone control' ? ['control-a'] : ['control-a', 'control-b']
  const sim = new Simulation({ seed, daemons, checkers: [...allCheckers(), leftovers()] })
  await sim.begin()
  if (strike) sim.points.strike(strike.at, (label) => hit(sim, story, strike.victim, label))
  const before = new Set(sim.ledger.folded.task.keys())
  const fresh = (): Task | undefined =>
    [...sim.ledger.folded.task.values()].find((task) => !before.has(task.id))
  sim.points.arm()
  await sim.ask(decisionFor(story.request))
  if (!fresh()) {
    // The request died with the daemon: nothing was promised, and asking again has to work.
    await sim.until(() => sim.leadingDaemon() !== null && sim.allConnected(), 60_000)
    await sim.until(() => fresh() !== undefined, 1_000)
    if (!fresh()) await sim.must(decisionFor(story.request))
  }
  await sim.until(() => !isOpen(fresh()!), 600_000)
  sim.points.disarm()
  sim.mend()
  await sim.rest()
  return { sim, task: fresh()!, points: sim.points.passed }
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
      machine.losePower()
      later(20_000, () => machine.getPower())
      return
  }
}

export type Fault = Pick<HypervisorError, 'code' | 'message'>
