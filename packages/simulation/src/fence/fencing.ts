import { type FenceAction, FenceError, type FenceTarget, type Fencing } from '@drover/fencing'
import type { FenceAgentInfo, FenceAnswer } from '@drover/model'
import type { Network } from '../network/network'
import type { Device } from './device'

/** The program that drives simulated devices. Its parameters: `ip`, the device's name, and `password`. */
export const simulatedAgent = 'fence_simulated'
/** Restarts the agent of the host named by `ip`; proves nothing. */
export const softAgent = 'soft_simulated'
/** How long "off" waits for the device to say off before it answers what is. */
const graceMs = 2_000

export interface FencingSurroundings {
  /** Where it is run: a control daemon or a proxy host. */
  from: string
  clock: { now(): number; setTimer(ms: number, fn: () => void): () => void }
  network: Network
  devices: Map<string, Device>
  /** Restarts the agent on a host; false when nobody could log in there. */
  soft(host: string): boolean
}

/** Fence devices of the simulation, over its network: a cut between the two ends fails a call, like a real one. */
export class SimulatedFencing implements Fencing {
  constructor(private readonly around: FencingSurroundings) {}

  async agents(): Promise<string[]> {
    return [simulatedAgent, softAgent]
  }

  async describe(agent: string): Promise<FenceAgentInfo> {
    const parameter = { type: 'string' as const, default: null, options: [], description: '' }
    return {
      agent,
      description: 'A fence device of the simulation',
      parameters: [
        { ...parameter, name: 'ip', required: true, secret: false },
        { ...parameter, name: 'password', required: false, secret: true },
      ],
    }
  }

  async run(action: FenceAction, { params, timeoutMs }: FenceTarget): Promise<FenceAnswer> {
    const name = params.ip ?? ''
    if (action === 'soft') return this.soft(name, timeoutMs)
    const device = this.around.devices.get(name)
    if (!device) throw new FenceError(`There is no device ${name}.`)
    if (action !== 'status') device.tries.push({ at: this.around.clock.now(), action })
    const deadline = this.around.clock.now() + timeoutMs
    const left = () => Math.max(1, deadline - this.around.clock.now())
    const silent = {
      power: 'unknown',
      message: `${name} did not answer within ${timeoutMs / 1000} s`,
    } as const
    if (!(await this.ask(device, left()))) return silent
    if (device.refuses) return { power: 'unknown', message: `${name} refused: unable to obtain session` }
    if (action !== 'status') {
      device.order(action)
      await this.wait(Math.min(graceMs, left()))
      if (!(await this.ask(device, left()))) return silent
    }
    return { power: device.power, message: `${name} says that the power is ${device.power}` }
  }

  /** One question to the device and back. */
  private async ask(device: Device, withinMs: number): Promise<boolean> {
    const { network, from } = this.around
    const there = await network.reach(from, device.is.name, withinMs, () => device.answers)
    if (!there) return false
    const inTime = device.answerMs < withinMs
    await this.wait(Math.min(device.answerMs, withinMs))
    return inTime && device.answers && !network.isCut(device.is.name, from)
  }

  private async soft(host: string, timeoutMs: number): Promise<FenceAnswer> {
    const { network, from } = this.around
    let done = false
    await network.reach(from, host, timeoutMs, () => {
      done = this.around.soft(host)
      return done
    })
    return {
      power: 'unknown',
      message: done ? `the agent of ${host} was restarted` : `${host} cannot be reached`,
    }
  }

  private wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.around.clock.setTimer(ms, resolve)
    })
  }
}
