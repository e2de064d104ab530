import { labImpossible } from '@drover/harness/system'
import type { LoadDecision } from '@drover/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../run'
import { createHaSite, disksAtRest, faults, type HaSite, statuses } from '../ha/site'
import { said } from '../operator'

/** A guest burns CPU: its host has too much of it for as long as the rule says, and VMs are moved away live. */
describe.skipIf(labImpossible())('a threshold', () => {
  let site: HaSite
  let thresholdId: string

  beforeAll(async () => {
    site = await createHaSite({ name: 'load-threshold', hosts: 3, vms: [1, 1, 2] })
    // Only what has too much is relieved; nothing is evened out beside it.
    const balance = { mode: 'manual', aim: 'overload', limit: 1 }
    await site.operator.api.mutate('cluster.changeBalance', { clusterId: site.clusterId, changes: balance })
  })
  afterAll(() => site?.destroy())

  const decisions = async (): Promise<LoadDecision[]> => (await site.operator.snapshot()).rows.decision
  const ours = async () => (await decisions()).filter(({ by }) => by.id === thresholdId)

  const tell = (vm: HaSite['vms'][number], words: string) =>
    until(`${vm.name} does "${words}"`, 30_000, () =>
      site.lab.guests.command(vm.address, words).catch(() => undefined),
    )

  /** Waits for the last decision of the rule to be so; what there is instead is said. */
  const decided = (what: string, ms: number, is: (row: LoadDecision) => boolean) =>
    until(what, ms, async () => (await ours()).find(is)).catch(async (error: Error) => {
      const { rows, usage } = await site.operator.snapshot()
      const all = rows.decision.map(({ by, state, text }) => `${by.name}, ${state}: ${text}`)
      const rule = JSON.stringify(rows.threshold)
      throw new Error(`${error.message}\n${[...all, rule, JSON.stringify(usage)].join('\n')}`)
    })

  /** Two guests on one host burn what they get, while something is done; nobody but they notices. */
  async function whileTheyBurn(work: () => Promise<void>): Promise<void> {
    const before = await statuses(site, site.vms)
    const [first, second] = site.vms as [HaSite['vms'][number], HaSite['vms'][number]]
    for (const vm of [first, second]) await tell(vm, 'burn 100')
    await work()
    for (const vm of [first, second]) await tell(vm, 'burn 0')
    const after = await statuses(site, site.vms)
    for (const [name, { boot, tick, diskCounter }] of before) {
      expect(after.get(name)!.boot, `${name} boots`).toBe(boot)
      expect(after.get(name)!.tick).toBeGreaterThan(tick)
      expect(after.get(name)!.diskCounter).toBeGreaterThan(diskCounter)
    }
    expect(await faults(site, before)).toEqual([])
  }

  test('that asks: what it recommends comes with its reasons, and moves nothing before somebody says yes', async () => {
    const made = await site.operator.api.mutate<{ thresholdId: string }>('threshold.create', {
      clusterId: site.clusterId,
      name: 'Busy hosts',
      metric: 'cpu',
      above: 0.7,
      forMs: 20_000,
      until: 0.65,
      tags: [],
      hostIds: [],
      windows: [],
      cooldownMs: 0,
      budget: { movesPerHour: null, bytesPerHour: null },
      minGain: 0,
      automation: 'manual',
      enabled: true,
    })
    thresholdId = made.thresholdId
    await whileTheyBurn(async () => {
      const open = await decided('a recommendation', 120_000, ({ state }) => state === 'open')
      expect(open).toMatchObject({ automatic: false, by: { name: 'Busy hosts' } })
      expect(open.text).toContain('lab-1')
      const [move] = open.moves
      expect(move!.source.name).toBe('lab-1')
      expect(move!.against.length).toBeGreaterThan(0)
      for (const vm of site.vms.slice(0, 2)) expect(await site.home(vm)).toBe('lab-1')
      await site.operator.api.mutate('decision.carryOut', { decisionId: open.id })
      const done = await decided(
        'it is carried out',
        60_000,
        ({ id, state }) => id === open.id && state === 'done',
      )
      expect(done).toMatchObject({ person: 'admin' })
      const vm = site.vms.find(({ id }) => id === move!.vm.id)!
      expect(await site.home(vm)).toBe(move!.target.name)
      expect(site.lab.whereIs(vm.uuid).map(({ hostName }) => hostName)).toEqual([move!.target.name])
    })
  })

  test('in full automation does the same without a hand', async () => {
    const changes = { automation: 'full' }
    await site.operator.api.mutate('cluster.changeBalance', {
      clusterId: site.clusterId,
      changes: { mode: 'full' },
    })
    await site.operator.api.mutate('threshold.change', { thresholdId, changes })
    const before = new Set((await ours()).map(({ id }) => id))
    const { id: targetId } = await site.operator.host('lab-1')
    for (const vm of site.vms.slice(0, 2)) {
      if ((await site.home(vm)) === 'lab-1') continue
      const task = await site.operator.do('vm.migrate', { vmId: vm.id, targetId, method: 'live' })
      expect(said(task)).toMatch(/^succeeded/)
    }
    await whileTheyBurn(async () => {
      const done = await decided(
        'a move that nobody asked for',
        150_000,
        ({ id, state, automatic }) => !before.has(id) && automatic && state === 'done',
      )
      expect(done.person).toBeNull()
      const homes = await Promise.all(site.vms.slice(0, 2).map((vm) => site.home(vm)))
      expect(homes.filter((name) => name === 'lab-1')).toHaveLength(1)
    })
  })

  test('in the end every disk is whole', async () => {
    await site.operator.api.mutate('cluster.changeBalance', {
      clusterId: site.clusterId,
      changes: { mode: 'off' },
    })
    expect(await disksAtRest(site)).toEqual([])
  })
})
