import { decideCancel, decideChangeHa } from '@drover/engine'
import type { Simulation } from './simulation'

/** Kinds of tasks that may wait for people for ever, as they should. */
const patient: ReadonlySet<string> = new Set([
  'host.evacuate',
  'host.exitMaintenance',
  'host.shutdown',
  'cluster.roll',
])
/** What only waits for somebody to make room is called off after so long. */
const patienceMs = 300_000
const roundMs = 5_000

/** Somebody who walks the aisles once everything is mended: switches on what is off, and gives up what waits for people. */
export class Caretaker {
  private readonly beganAt: number

  constructor(private readonly sim: Simulation) {
    this.beganAt = sim.now()
    this.walk()
    if ((sim.site.ha.mode ?? 'armed') === 'armed') this.arm()
  }

  /** Whoever disarmed the clusters arms them again; asked for until it is done. */
  private arm(): void {
    const { sim } = this
    const daemon = sim.leadingDaemon()
    const disarmed = [...(sim.leader()?.world.tables.cluster.values() ?? [])].filter(
      ({ ha }) => ha.mode !== 'armed',
    )
    for (const { id } of disarmed) {
      sim
        .asked(daemon!, (world, ctx) =>
          decideChangeHa(world, { clusterId: id, changes: { mode: 'armed' } }, ctx),
        )
        .catch((error: Error) => sim.fail('requests are answered', `arming: ${error.message}`))
    }
    if (!daemon || disarmed.length > 0) sim.clock.setTimer(2_000, () => this.arm())
  }

  private walk(): void {
    const { sim } = this
    for (const device of sim.devices.values()) if (!sim.sleeps(device.is.host)) device.outlet = true
    for (const machine of sim.machines.values()) {
      machine.pulled = false
      // Who sleeps is left to sleep.
      if (sim.sleeps(machine.name)) machine.feed()
      else machine.getPower()
    }
    this.callOff()
    sim.clock.setTimer(roundMs, () => this.walk())
  }

  private callOff(): void {
    const { sim } = this
    const daemon = sim.leadingDaemon()
    const world = sim.leader()?.world
    for (const id of world?.index.openTasks ?? []) {
      const task = world!.tables.task.get(id)!
      if (!patient.has(task.kind) || task.state === 'cancelling') continue
      if (sim.now() - Math.max(task.createdAt, this.beganAt) < patienceMs) continue
      sim
        .asked(daemon!, (rows, ctx) => decideCancel(rows, { taskId: id }, ctx))
        .catch((error: Error) => sim.fail('requests are answered', `cancelling ${id}: ${error.message}`))
    }
  }
}
