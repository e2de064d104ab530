import { mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkParams } from '@drover/fencing'
import { fenceAgents } from '@drover/fencing/agents'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { answerPower, powerSocket } from './power'

const fence = fileURLToPath(new URL('../../fence', import.meta.url))
const fencing = fenceAgents({ paths: [fence], log: { info() {} } })
const agent = 'fence_drover_sim'
let dir: string
let server: Server
let on: boolean

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sim-'))
  on = true
  const host = {
    get isOn() {
      return on
    },
    async powerOff() {
      on = false
    },
    async powerOn() {
      on = true
    },
  }
  server = await answerPower(join(dir, powerSocket), new Map([['esx-01', host]]))
})
afterEach(() => {
  server.close()
  rmSync(dir, { recursive: true })
})
const run = (action: 'off' | 'on' | 'status', plug = 'esx-01') =>
  fencing.run(action, { agent, params: { socket: join(dir, powerSocket), plug }, timeoutMs: 10_000 })

test('a simulated host is fenced by a program, as a real one is', async () => {
  expect(await run('status')).toMatchObject({ power: 'on' })
  expect(await run('off')).toMatchObject({ power: 'off' })
  expect(on).toBe(false)
  expect(await run('status')).toMatchObject({ power: 'off' })
  expect(await run('on')).toMatchObject({ power: 'on' })
  expect(await run('status', 'esx-99')).toEqual({
    power: 'unknown',
    message: 'fence_drover_sim status failed (exit code 1): Failed: there is no host esx-99.',
  })
})

test('its parameters are described and checked', async () => {
  const info = await fencing.describe(agent)
  expect(checkParams(info, { socket: '/x', plug: 'esx-01' })).toEqual([])
  expect(checkParams(info, { plug: 'esx-01' })).toMatchObject([{ field: 'socket' }])
})
