import type { FenceAction } from '@drover/fencing'
import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../clock/virtual-clock'
import { Network } from '../network/network'
import { Random } from '../random/random'
import { Device, type DeviceDescription, type DeviceMode } from './device'
import { SimulatedFencing, simulatedAgent } from './fencing'

function rig(...descriptions: Partial<DeviceDescription>[]) {
  const clock = new VirtualClock()
  const network = new Network(clock, new Random(1))
  const host = {
    powered: true,
    supplied: true,
    switchOff() {
      this.powered = false
    },
    switchOn() {
      this.powered = true
    },
  }
  const devices = new Map<string, Device>()
  for (const [i, description] of descriptions.entries()) {
    const is = { name: `dev-${i + 1}`, host: 'esx-1', kind: 'bmc', level: 1, ...description } as const
    const outlets = () => [...devices.values()].filter((device) => device.is.kind === 'outlet')
    devices.set(is.name, new Device(is, host, clock, outlets, () => {}))
  }
  const fencing = new SimulatedFencing({ from: 'control-a', clock, network, devices, soft: () => true })
  const run = async (action: FenceAction, device = 'dev-1') => {
    let answer: Awaited<ReturnType<typeof fencing.run>> | null = null
    void fencing
      .run(action, { agent: simulatedAgent, params: { ip: device }, timeoutMs: 5_000 })
      .then((value) => {
        answer = value
      })
    await clock.until(() => answer !== null, 10_000)
    return answer!
  }
  return { clock, network, host, devices, run }
}

describe('a simulated fence device', () => {
  it('switches its host off and says so', async () => {
    const { run, host } = rig({})
    expect((await run('status')).power).toBe('on')
    expect((await run('off')).power).toBe('off')
    expect(host.powered).toBe(false)
    expect((await run('on')).power).toBe('on')
  })

  it.each<[DeviceMode, string, boolean]>([
    ['lying', 'on', true],
    ['late', 'on', true],
    ['broken', 'unknown', true],
    ['refusing', 'unknown', true],
  ])('that is %s answers "off" with %s', async (mode, power, powered) => {
    const { run, host } = rig({ mode })
    expect((await run('off')).power).toBe(power)
    expect(host.powered).toBe(powered)
  })

  it('that is late is so in the end', async () => {
    const { run, clock } = rig({ mode: 'late' })
    await run('off')
    await clock.advance(12_000)
    expect((await run('status')).power).toBe('off')
  })

  it('says nothing when its host lost the power that they share, or when the line is cut', async () => {
    const { run, host, network } = rig({})
    host.supplied = false
    expect((await run('status')).power).toBe('unknown')
    host.supplied = true
    network.cut('dev-1', 'control-a')
    expect((await run('status')).power).toBe('unknown')
  })

  it('that is one of two outlets leaves the host on', async () => {
    const { run, host } = rig({ kind: 'outlet' }, { kind: 'outlet' })
    expect((await run('off')).power).toBe('off')
    expect(host.powered).toBe(true)
    await run('off', 'dev-2')
    expect(host.powered).toBe(false)
  })
})
