import { checkParams } from '@drover/fencing'
import { fenceAgents } from '@drover/fencing/agents'
import { labImpossible } from '@drover/harness/system'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fenceDeviceOf } from './drover/fence'
import { createLab } from './lab'
import { until } from './run'
import type { Lab, LabHost } from './types'

/** The programs of fence-agents against a BMC that speaks IPMI. */
describe.skipIf(labImpossible())('fencing by IPMI', () => {
  let lab: Lab
  let host: LabHost
  const logged: string[] = []
  const log = { info: (message: string, fields?: object) => logged.push(message + JSON.stringify(fields)) }
  const fencing = fenceAgents({ log })
  const run = (action: 'off' | 'on' | 'status', more: Record<string, string> = {}, timeoutMs = 40_000) => {
    const { agent, params } = fenceDeviceOf(host)
    return fencing.run(action, { agent, params: { ...params, ...more }, timeoutMs })
  }

  beforeAll(async () => {
    lab = await createLab({ name: 'fence', hosts: 1 })
    await lab.up()
    host = lab.host(1)
    await host.bmc.start()
  })
  afterAll(() => lab?.destroy())

  test('its parameters are the right ones by its own metadata', async () => {
    const { agent, params } = fenceDeviceOf(host)
    expect(await fencing.agents()).toContain(agent)
    const info = await fencing.describe(agent)
    expect(checkParams(info, params)).toEqual([])
    expect(info.parameters.filter(({ secret }) => secret).map(({ name }) => name)).toContain('password')
    expect(checkParams(info, { ...params, lanplus: 'maybe', nonsense: '1' })).toHaveLength(2)
  })

  test('off is proven by the state, and by the host', async () => {
    expect(await run('status')).toMatchObject({ power: 'on' })
    const { power, message } = await run('off')
    expect(power, message).toBe('off')
    expect(host.isOn()).toBe(false)
    expect(await run('status')).toMatchObject({ power: 'off' })
    expect(await run('on')).toMatchObject({ power: 'on' })
    expect(host.isOn()).toBe(true)
  })

  test('a device that lies is found out', async () => {
    host.bmc.lie(true)
    const answer = await run('off', {}, 10_000)
    expect(answer.power, answer.message).toBe('on')
    expect(host.isOn()).toBe(true)
    host.bmc.lie(false)
  })

  test('a wrong password is told in words, without it', async () => {
    const answer = await run('status', { password: 'not-this-one' })
    expect(answer.power).toBe('unknown')
    expect(answer.message).toMatch(/^fence_ipmilan status failed \(exit code \d+\): \S+/)
    expect(answer.message).not.toContain('not-this-one')
    expect(logged.join()).not.toMatch(/not-this-one|secret/)
  })

  test('a dead device is unknown when the time is up, and nothing is left running', async () => {
    await host.bmc.stop()
    const began = Date.now()
    const answer = await run('off', {}, 3_000)
    expect(answer.power).toBe('unknown')
    expect(Date.now() - began).toBeLessThan(4_500)
    expect(host.isOn()).toBe(true)
    await host.bmc.start()
    await until('the BMC is back', 10_000, async () => (await run('status')).power === 'on')
  })
})
