import { expect, it } from 'vitest'
import { describeDatacenter } from '../world/description'
import { Simulation } from '../world/simulation'
import { liveDay } from './day'
import { changeLoad } from './load'

it('a spike on a cluster with sleeping hosts is served by waking them, and all comes to rest', async () => {
  const description = describeDatacenter(7, {
    hosts: 4,
    shared: { running: 8, off: 0 },
    local: { running: 0, off: 0 },
    vcpus: 4,
  })
  const hosts = description.hosts.map(({ name }) => name)
  const sim = new Simulation({
    seed: 7,
    description,
    site: {
      ha: { mode: 'armed' },
      devices: hosts.map((host) => ({ name: `bmc-${host}`, host, kind: 'bmc', level: 1 })),
      bootMs: 15_000,
      load: {
        idle: true,
        balance: { mode: 'full', level: null, holdMs: 10_000, cooldownMs: 20_000, movesAtOnce: 4 },
        power: { mode: 'full', minAwake: 2, reserve: 0, holdMs: 10_000, dwellMs: 20_000, wakeAheadMs: 0 },
        proven: hosts,
      },
    },
  })
  await sim.begin()
  changeLoad(sim, { vms: description.vms.map(({ name }) => name), cpu: 0.03, memory: 0.2, overMs: 0 })
  await sim.advance(60_000)
  const { asleep, reliefMs } = await liveDay(sim)
  expect(asleep).toBeGreaterThan(0)
  expect(reliefMs).not.toBeNull()
  expect(reliefMs!).toBeLessThan(120_000)
  await sim.advance(120_000)
  await sim.rest()
  expect(sim.breach).toBeNull()
  const moves = sim.ledger.events.filter(({ body }) => body.kind === 'decision.made')
  expect(moves.length).toBeGreaterThan(0)
  console.info(`${asleep} hosts slept; the spike was relieved after ${reliefMs} ms`)
})
