import { labImpossible } from '@drover/harness/system'
import type { ClusterPower, Host, LoadDecision } from '@drover/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../run'
import { createHaSite, disksAtRest, faults, type HaSite, statuses } from '../ha/site'
import { said } from '../operator'

/**
 * Power saving with real guests and real boards: a host that nobody needs is emptied live and switched off, and comes back
 * when load does. The load is the guests' own; it is a machine of few cores, so hosts count as full early.
 */
describe.skipIf(labImpossible())('a cluster that saves power', () => {
  let site: HaSite

  beforeAll(async () => {
    site = await createHaSite({ name: 'load-power', hosts: 3, vms: [1, 3] })
  })
  afterAll(() => site?.destroy())

  const power = (changes: object) =>
    site.operator.api.mutate('cluster.changePower', { clusterId: site.clusterId, changes })
  const page = () => site.operator.api.query<ClusterPower>('cluster.power', { clusterId: site.clusterId })
  const decisions = async (): Promise<LoadDecision[]> => (await site.operator.snapshot()).rows.decision
  const host = (name: string): Promise<Host> => site.operator.host(name)

  /** Waits for a host to be so; the message says what there was instead. */
  const hostBecomes = (what: string, name: string, ms: number, is: (row: Host) => boolean) =>
    until(`${name} is ${what}`, ms, async () => {
      const row = await host(name).catch(() => undefined)
      return row && is(row) ? row : undefined
    }).catch(async (error: Error) => {
      const { hosts, held } = await page()
      const words = hosts.map((one) => `${one.host.name} ${one.standby}: ${one.text}`)
      const open = (await decisions()).map(({ state, text }) => `${state}: ${text}`)
      const { usage } = await site.operator.snapshot()
      throw new Error(`${error.message}\n${[...words, ...held, ...open, JSON.stringify(usage)].join('\n')}`)
    })

  /** Until the guest has answered: one that burns CPU on a busy machine takes its time. */
  const tell = (vm: HaSite['vms'][number], words: string) =>
    until(`${vm.name} does "${words}"`, 30_000, () =>
      site.lab.guests.command(vm.address, words).catch(() => undefined),
    )

  /** Watches every guest, while something is done: none misses a beat that counts, none boots, no counter goes back. */
  async function unnoticed(work: () => Promise<void>): Promise<void> {
    const before = await statuses(site, site.vms)
    const watches = await Promise.all(
      site.vms.map((vm) => site.lab.guests.watch(vm.address, { intervalMs: 50 })),
    )
    try {
      await work()
    } finally {
      for (const [i, watch] of watches.entries()) {
        const seen = await watch.stop()
        const { name } = site.vms[i]!
        expect(seen.boots, `${name} boots`).toEqual([before.get(name)!.boot])
        expect([seen.tickWentBack, seen.diskCounterWentBack], name).toEqual([0, 0])
        expect(seen.last!.tick, name).toBeGreaterThan(before.get(name)!.tick)
        expect(seen.last!.diskCounter, name).toBeGreaterThan(before.get(name)!.diskCounter)
      }
    }
    expect(await faults(site, before)).toEqual([])
  }

  test('a host is proven to wake: down and up again through its board, its guest moved away live first', async () => {
    const { id } = await host('lab-3')
    await expect(site.operator.api.mutate('host.sleep', { hostId: id })).rejects.toThrow(/never shown/)
    await unnoticed(async () => {
      const task = await site.operator.do('host.wake', { hostId: id, test: true }, 120_000)
      expect(said(task)).toMatch(/^succeeded/)
    })
    const row = await host('lab-3')
    expect(row).toMatchObject({ state: 'connected', mode: 'normal', incidentId: null, lostAt: [] })
    expect(row.wake!.ms).toBeGreaterThan(0)
    // Back to where it was, so that there is something to move.
    const vm = site.vms[1]!
    const home = await site.operator.do('vm.migrate', { vmId: vm.id, targetId: id, method: 'live' })
    expect(said(home)).toMatch(/^succeeded/)
  })

  test('with little to do, a host is emptied live and switched off; it is no incident, and says why it sleeps', async () => {
    await unnoticed(async () => {
      await power({
        mode: 'full',
        minAwake: 2,
        fillTo: 0.6,
        wakeAbove: 0.7,
        reserve: 0,
        holdMs: 10_000,
        dwellMs: 0,
      })
      await hostBecomes('asleep', 'lab-3', 100_000, ({ mode }) => mode === 'standby')
    })
    expect(site.lab.host('lab-3').isOn()).toBe(false)
    const row = await host('lab-3')
    expect(row).toMatchObject({ state: 'fenced', incidentId: null, standby: { byHand: false } })
    expect(row.proof!.text).toContain('bmc of lab-3')
    expect(site.lab.whereIs(site.vms[1]!.uuid).map(({ hostName }) => hostName)).not.toContain('lab-3')
    const decision = (await decisions()).find(({ id }) => id === row.standby!.decisionId)!
    expect(decision).toMatchObject({ automatic: true, state: 'done', by: { id: 'power' } })
    expect(decision.moves.map(({ vm, state }) => `${vm.name} ${state}`)).toEqual([
      `${site.vms[1]!.name} done`,
    ])
    const { rows } = await site.operator.snapshot()
    expect(rows.incident).toEqual([])
    expect(rows.alarm.filter(({ clearedAt, about }) => clearedAt === null && about.id === row.id)).toEqual([])
    const { hosts, savedWatts } = await page()
    expect(hosts.find((one) => one.host.name === 'lab-3')).toMatchObject({
      standby: 'asleep',
      text: row.standby!.why,
    })
    expect(savedWatts).toBe(95)
    for (const other of ['lab-1', 'lab-2'])
      expect(hosts.find((one) => one.host.name === other)!.text).not.toBe('')
  })

  test('when load returns, it is woken through its board, and nothing of what runs notices', async () => {
    await power({ fillTo: 0.15, wakeAbove: 0.25 })
    await unnoticed(async () => {
      for (const vm of site.vms) await tell(vm, 'burn 100')
      await hostBecomes(
        'awake',
        'lab-3',
        100_000,
        ({ state, mode, standby }) => state === 'connected' && mode === 'normal' && !standby,
      )
      expect(site.lab.host('lab-3').isOn()).toBe(true)
      for (const vm of site.vms) await tell(vm, 'burn 0')
    })
    const woken = (await decisions()).filter(({ power: parts }) => parts.some(({ act }) => act === 'wake'))
    expect(woken.length).toBeGreaterThan(0)
    expect(woken[0]!.power[0]!.text).toMatch(/needed/)
    // Its agent may report before its board has answered the order; the proof comes with that answer.
    const { taskId } = woken[0]!.power.find(({ act }) => act === 'wake')!
    expect(said(await site.operator.ended(taskId!))).toMatch(/^succeeded/)
    expect((await host('lab-3')).wake!.at).toBeGreaterThan(woken[0]!.at)
    // What is recorded is written once a minute.
    const ledger = await until('the ledger knows of the sleep', 100_000, async () => {
      const { ledger: now } = await page()
      return now.savedWh > 0 && now
    })
    expect(ledger.by).toBe('model')
  })

  test('in the end every disk is whole', async () => {
    await power({ mode: 'off' })
    expect(await disksAtRest(site)).toEqual([])
  })
})
