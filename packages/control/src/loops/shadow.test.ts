import { decideChangeBalance, decideShadowStart, loadRules } from '@drover/engine'
import type { LoadRules } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { settled } from '../testing/clock'
import { ada, domain, estate, gib } from '../testing/daemon'

const minute = 60_000
const rates = {
  diskReadBytesPerSecond: 0,
  diskWriteBytesPerSecond: 0,
  networkInBytesPerSecond: 0,
  networkOutBytesPerSecond: 0,
}

/** Two hosts of 8 cores; the VMs of the first one want nearly all of it. */
async function uneven() {
  const on = await estate(2)
  const [first] = on.agents
  const guests = [1, 11, 12, 13].map((n) => domain(n))
  first!.domains = guests
  await first!.sayReport()
  let n = 1
  const pass = async (ms: number) => {
    for (const until = on.clock.now() + ms; on.clock.now() < until; ) {
      n += 1
      for (const agent of on.agents) {
        const vms = Object.fromEntries(
          agent.domains.map(({ uuid }) => [
            uuid,
            { cpu: agent === first ? 1.9 : 0.1, memoryUsedBytes: gib / 2, ...rates },
          ]),
        )
        const cpu = agent === first ? 0.96 : 0.05
        agent.heartbeat({ n, usage: { cpu, memoryUsedBytes: 2 * gib, ...rates }, vms })
      }
      await on.clock.pass(1_000)
    }
    await settled()
  }
  await pass(minute)
  return { ...on, pass }
}

const aggressive = (rules: LoadRules): LoadRules => ({
  ...rules,
  balance: { ...rules.balance, mode: 'full', holdMs: 60_000, minGain: 0, minShare: 0, worthwhile: 0.01 },
})

describe('a shadow of the rules', () => {
  it('decides on the live load, says what it would do otherwise, and moves nothing', async () => {
    const { control, pass } = await uneven()
    const cluster = () => control.world.tables.cluster.get('cluster-1')!
    const rules = aggressive(loadRules(control.world, cluster()))
    await control.propose(ada, (w, c) =>
      decideShadowStart(w, { clusterId: 'cluster-1', name: 'bold', rules }, c),
    )
    await pass(15 * minute)
    const [shadow] = [...control.world.tables.shadow.values()]
    const today = shadow!.days.at(-1)!
    expect(today.shadow.moves).toBeGreaterThan(0)
    expect(today.active.moves).toBe(0)
    expect(today.differences[0]).toMatch(/^Only the shadow would move web-1\d? from esx-1 to esx-2\.$/)
    expect(control.world.tables.task.size).toBe(0)
    expect(control.world.tables.decision.size).toBe(0)
    const reports = await control.events({ kinds: ['shadow.report'], limit: 10 })
    expect(reports.length).toBeGreaterThan(0)
    expect(reports.length).toBeLessThanOrEqual(2)
  }, 60_000)

  it('reports a day once, when it is over', async () => {
    const { control, clock, pass } = await uneven()
    const rules = aggressive(loadRules(control.world, control.world.tables.cluster.get('cluster-1')!))
    await control.propose(ada, (w, c) =>
      decideShadowStart(w, { clusterId: 'cluster-1', name: 'bold', rules }, c),
    )
    await pass(12 * minute)
    const next = Math.ceil(clock.now() / 86_400_000) * 86_400_000
    clock.jump(next - clock.now() - minute)
    await pass(5 * minute)
    const said = (await control.events({ kinds: ['shadow.report'], limit: 20 })).map(
      ({ body }) => (body as { text: string }).text,
    )
    expect(said.filter((text) => text.startsWith('On '))).toHaveLength(1)
    const [shadow] = [...control.world.tables.shadow.values()]
    expect(shadow!.days[0]!.counted).toBeUndefined()
    expect(control.world.tables.task.size).toBe(0)
  }, 60_000)

  it('stands still where something else comes first', async () => {
    const { control, pass } = await uneven()
    const rules = aggressive(loadRules(control.world, control.world.tables.cluster.get('cluster-1')!))
    await control.propose(ada, (w, c) =>
      decideShadowStart(w, { clusterId: 'cluster-1', name: 'bold', rules }, c),
    )
    await control.propose(ada, (w, c) =>
      decideChangeBalance(w, { clusterId: 'cluster-1', changes: { mode: 'manual' } }, c),
    )
    const cluster = control.world.tables.cluster.get('cluster-1')!
    control.world.tables.cluster.set('cluster-1', { ...cluster, ha: { ...cluster.ha, mode: 'hold' } })
    await pass(12 * minute)
    expect([...control.world.tables.shadow.values()][0]!.days).toEqual([])
  }, 60_000)
})
