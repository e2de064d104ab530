import type { HostId, VmId, World } from '@drover/model'
import { beforeEach, describe, expect, it } from 'vitest'
import { Estate, refusalsOf } from '../testing/estate'
import { widthFor } from '../usage/series'

const clusterId = 'cluster-1'
const hour = 3_600_000
const day = 24 * hour
let estate: Estate
beforeEach(async () => {
  estate = await Estate.begin()
})
const world = (): World => estate.control.world
/** The clock of the estate stands here. */
const now = 1_000_000_000

describe('recorded usage', () => {
  const ask = (more: object = {}) =>
    estate.as('auditor').usage.series({ ids: ['vm-1' as VmId], fromAt: now - hour, toAt: now, ...more })

  it('has null where nothing was recorded, in windows that suit the time', async () => {
    const [found] = await ask()
    expect(found).toMatchObject({ id: 'vm-1', width: 'raw', length: 180 })
    expect(found!.columns.cpuMean!.every((value) => value === null)).toBe(true)
    expect((await ask({ width: '1h', fields: ['wattsMean'], ids: ['host-1' as HostId] }))[0]).toMatchObject({
      width: '1h',
      columns: { wattsMean: [null, null] },
    })
    expect(widthFor(now - 6 * hour, now, now)).toBe('raw')
    expect(widthFor(now - 7 * hour, now - 6 * hour, now)).toBe('5m')
    expect(widthFor(now - 9 * day, now, now)).toBe('1h')
    expect(widthFor(now - 40 * day, now - 39 * day, now)).toBe('1h')
  })

  it('refuses what is too much, and what is no time', async () => {
    const [much] = await ask({ width: 'raw', fromAt: 0 })
    expect(much!.length).toBe(50_000)
    const ids = Array.from({ length: 900 }, (_, i) => `vm-${i + 1}` as VmId)
    const { refusals } = await refusalsOf(ask({ width: '5m', fromAt: now - 8 * day, ids }))
    expect(refusals).toMatchObject([{ code: 'invalid', field: 'width' }])
    expect((await refusalsOf(ask({ toAt: now - 2 * hour }))).refusals).toMatchObject([{ field: 'toAt' }])
    expect((await refusalsOf(ask({ ids: ['task-1'] as never }))).code).toBe('BAD_REQUEST')
  })
})

describe('rules that are not saved', () => {
  it('are what a cluster has, with what is changed of them', async () => {
    const rules = await estate.as('auditor').cluster.rules({ clusterId })
    expect(rules).toMatchObject({
      balance: { mode: 'off' },
      power: { mode: 'off' },
      thresholds: [],
      rules: [],
    })
    // As it is printed it is taken again.
    const { shadowId } = await estate.as('admin').shadow.start({ clusterId, name: 'same', rules })
    expect(world().tables.shadow.get(shadowId!)!.rules).toMatchObject({ balance: rules.balance })
  })

  it('are tried over recorded days', async () => {
    const rules = { balance: { mode: 'full' as const } }
    const asked = { clusterId, rules, fromAt: now - day, toAt: now } as const
    expect((await refusalsOf(estate.as('auditor').cluster.backtest(asked))).code).toBe('FORBIDDEN')
    const { id } = await estate.as('operator').cluster.backtest(asked)
    let job = await estate.as('auditor').backtest.show({ backtestId: id })
    for (let i = 0; i < 100 && job.state === 'running'; i += 1) {
      await new Promise<void>((resolve) => setImmediate(resolve))
      job = await estate.as('auditor').backtest.show({ backtestId: id })
    }
    expect(job).toMatchObject({
      state: 'done',
      progress: 1,
      clusterName: 'blue',
      result: { hosts: 3, steps: 0 },
    })
    expect(job.result!.gaps[0]).toMatch(/^Nothing was recorded of these days/)
    const [listed] = await estate.as('auditor').backtest.list({ clusterId })
    expect(listed).not.toHaveProperty('result')
    expect(await estate.as('operator').backtest.cancel({ backtestId: id })).toEqual({ done: false })
    const gone = await refusalsOf(estate.as('auditor').backtest.show({ backtestId: 'backtest-9' }))
    expect(gone.refusals).toMatchObject([{ code: 'not_now', remedy: 'Begin it again.' }])
    const wrong = { ...asked, rules: { balance: { limit: 7 } } }
    expect((await refusalsOf(estate.as('operator').cluster.backtest(wrong))).code).toBe('BAD_REQUEST')
  })

  it('decide as a shadow, one for a cluster, begun and ended by admins', async () => {
    const start = (name: string, more: object = {}) =>
      estate.as('admin').shadow.start({ clusterId, name, rules: { balance: { mode: 'full' } }, ...more })
    expect((await refusalsOf(estate.as('operator').shadow.end({ clusterId }))).code).toBe('FORBIDDEN')
    expect(await start('try', { dryRun: true })).toEqual({ done: false, shadowId: null })
    expect(await estate.as('auditor').shadow.show({ clusterId })).toBeNull()
    await start('first')
    await start('second')
    expect(await estate.as('auditor').shadow.show({ clusterId })).toMatchObject({
      name: 'second',
      createdBy: 'admin',
      rules: { balance: { mode: 'full' } },
    })
    // The active rules are as they were.
    expect(world().tables.cluster.get(clusterId)!.balance?.mode ?? 'off').toBe('off')
    expect(await estate.as('admin').shadow.end({ clusterId })).toEqual({ done: true })
    expect((await refusalsOf(estate.as('admin').shadow.end({ clusterId }))).code).toBe('NOT_FOUND')
  })
})
