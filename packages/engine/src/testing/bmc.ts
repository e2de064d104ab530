import {
  type CommandResult,
  type FenceDevice,
  type HostId,
  isOpen,
  newHostLive,
  setRow,
  type Task,
  type TaskId,
} from '@drover/model'
import { decideHeard, decideHello } from '../host/liveness'
import type { House } from './house'

/**
 * Management boards for all hosts of a house, one each. A host that is switched on boots and reports at the next `settle`;
 * one that was shut down by its agent is without power from then on.
 */
export class Boards {
  readonly power = new Map<HostId, 'on' | 'off'>()
  /** `dead`: does not answer; `deaf`: does not switch off; `lying`: says off whatever is; `cold`: the host does not boot. */
  readonly trouble = new Map<HostId, 'dead' | 'deaf' | 'lying' | 'cold'>()
  readonly orders: string[] = []
  readonly #booting = new Set<HostId>()

  constructor(readonly house: House) {
    for (const [i, { id }] of [...house.world.tables.host.values()].entries()) {
      const device: FenceDevice = {
        id: `fence-${i + 1}`,
        hostId: id,
        name: `bmc-${i + 1}`,
        level: 1,
        agent: 'fence_ipmilan',
        params: {},
        sealed: {},
        viaHostId: null,
        delayMs: 0,
        retries: 0,
        timeoutMs: 5_000,
        enabled: true,
        lastTest: null,
      }
      setRow(house.world, 'fence', device.id, device)
      this.power.set(id, 'on')
    }
    house.fence = ({ kind, deviceId }) => this.#answer(kind, house.world.tables.fence.get(deviceId)!.hostId)
  }

  #answer(kind: string, id: HostId): CommandResult {
    const { house } = this
    this.orders.push(`${kind} ${id}`)
    house.now += 500
    const trouble = this.trouble.get(id)
    if (trouble === 'dead') return { ok: false, error: 'failed', message: 'no route to the board' }
    // Told to go, its operating system has gone down by itself.
    if (house.commands.at(-1)?.body.kind === 'host.shutdown' && house.host(id).state === 'suspect')
      this.power.set(id, 'off')
    if (kind === 'fence.off' && trouble !== 'deaf') {
      this.power.set(id, 'off')
      if (house.host(id).state === 'connected') house.setHost(id, { state: 'suspect', stateSince: house.now })
    }
    if (kind === 'fence.on' && this.power.get(id) === 'off') {
      this.power.set(id, 'on')
      if (trouble !== 'cold') this.#booting.add(id)
    }
    return { ok: true, data: { power: trouble === 'lying' ? 'off' : this.power.get(id)!, message: '' } }
  }

  /** Lets things happen until the task has ended, or this much time has passed. Hosts that got power boot, and report. */
  run(taskId: TaskId | null, ms = 3_600_000): Task {
    const { house } = this
    const until = house.now + ms
    while (isOpen(house.task(taskId!)) && house.now < until) {
      for (const id of this.#booting) this.comeUp(id)
      if (!house.step()) house.now += 1_000
    }
    return house.task(taskId!)
  }

  /** It says hello in another life, and reports: nothing runs there. */
  comeUp(id: HostId): void {
    const { house } = this
    this.#booting.delete(id)
    this.power.set(id, 'on')
    house.now += 30_000
    for (const guest of house.guests.get(id)!.values()) guest.state = 'off'
    const { address } = house.host(id)
    house.accepted((w, c) => decideHello(w, { hostId: id, bootId: `boot-${id}-${house.now}`, address }, c))
    house.world.live.set(id, { ...newHostLive(house.now), reportedAt: house.now })
    house.accepted((w, c) => decideHeard(w, { hostId: id }, c))
  }
}
