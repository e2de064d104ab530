import { loadRules } from '@drover/engine'
import type { Backtest, LoadRules, VmId } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { settled } from '../testing/clock'
import { daemon, domain, estate, gib, stage } from '../testing/daemon'
import { Backtests } from './jobs'
import type { Backtester, BacktestQuestion } from './port'

const hour = 3_600_000
const minutes = 60_000

/** Backtests that go on as a test says. */
function puppet() {
  const asked: BacktestQuestion[] = []
  let tell: (share: number) => void = () => {}
  let end: { resolve: (result: Backtest) => void; reject: (error: Error) => void }
  let cancelled = 0
  const backtester: Backtester = {
    run(question, progress) {
      asked.push(question)
      tell = progress
      const result = new Promise<Backtest>((resolve, reject) => {
        end = { resolve, reject }
      })
      return { result, cancel: () => (cancelled += 1) }
    },
  }
  return {
    backtester,
    asked,
    tell: (share: number) => tell(share),
    done: () => end.resolve({ steps: 7 } as Backtest),
    fail: () => end.reject(new Error('The disk is full.')),
    cancelled: () => cancelled,
  }
}

async function begin(backtester: Backtester) {
  const on = await estate(2, daemon(stage(), 'control-1', { backtester }))
  const cluster = on.control.world.tables.cluster.get('cluster-1')!
  const rules: LoadRules = loadRules(on.control.world, cluster)
  const now = on.clock.now()
  const start = (more: object = {}) =>
    on.control.backtests.start({ clusterId: 'cluster-1', rules, fromAt: now - 24 * hour, toAt: now, ...more })
  return { ...on, rules, start }
}

describe('backtests', () => {
  it('run one at a time, show how far they are and what came of them', async () => {
    const run = puppet()
    const { control, start } = await begin(run.backtester)
    expect(start()).toEqual({ ok: true, value: { id: 'backtest-1' } })
    await settled()
    run.tell(0.4)
    run.tell(0.3)
    expect(control.backtests.show('backtest-1')).toMatchObject({
      state: 'running',
      progress: 0.4,
      clusterName: 'blue',
    })
    const refused = start()
    expect(refused.ok ? null : refused.refusals[0]).toMatchObject({
      problem: expect.stringContaining('40 % done'),
    })
    run.done()
    await settled()
    expect(control.backtests.show('backtest-1')).toMatchObject({
      state: 'done',
      progress: 1,
      result: { steps: 7 },
    })
    expect(start()).toEqual({ ok: true, value: { id: 'backtest-2' } })
    await settled()
    run.fail()
    await settled()
    expect(control.backtests.show('backtest-2')).toMatchObject({
      state: 'failed',
      // A sentence for people; the cause is in the log.
      why: expect.stringMatching(/^The backtest failed .* in the log of the control daemon\.$/),
    })
    expect(control.backtests.list('cluster-1').map(({ id }) => id)).toEqual(['backtest-2', 'backtest-1'])
    expect(control.backtests.show('backtest-3')).toBeNull()
  })

  it('have ids of their own in every term: nobody is shown the backtest of another for theirs', async () => {
    const { backtester } = puppet()
    const { control, store, clock, rules } = await begin(backtester)
    const log = { info() {}, warn() {}, error() {} }
    const next = new Backtests({ term: 2, world: control.world, store, clock, log, backtester })
    const now = clock.now()
    const begun = next.start({ clusterId: 'cluster-1', rules, fromAt: now - 24 * hour, toAt: now })
    expect(begun).toEqual({ ok: true, value: { id: 'backtest-10001' } })
  })

  it('are cancelled by a person, and end with the lead', async () => {
    const run = puppet()
    const { control, start } = await begin(run.backtester)
    start()
    await settled()
    expect(control.backtests.cancel('backtest-1')).toBe(true)
    expect(run.cancelled()).toBe(1)
    expect(control.backtests.cancel('backtest-1')).toBe(false)
    run.done()
    await settled()
    expect(control.backtests.show('backtest-1')).toMatchObject({ state: 'cancelled', result: null })
    start()
    await settled()
    await control.stop()
    expect(run.cancelled()).toBe(2)
    expect(start()).toMatchObject({ ok: false, refusals: [{ code: 'not_leading' }] })
  })

  it('are refused where there is nothing to look at, with what to do', async () => {
    const { start, clock } = await begin(puppet().backtester)
    const why = (more: object) => {
      const answer = start(more)
      return answer.ok ? null : answer.refusals[0]
    }
    const now = clock.now()
    expect(why({ clusterId: 'cluster-9' })).toMatchObject({ code: 'not_found' })
    expect(why({ fromAt: now - minutes })).toMatchObject({ field: 'fromAt', remedy: 'Give an earlier time.' })
    expect(why({ fromAt: now - 40 * 24 * hour })).toMatchObject({ remedy: 'Give a later time.' })
  })

  it('begin where VMs were then: whence they went first', async () => {
    const run = puppet()
    const { control, agents, clock, start } = await begin(run.backtester)
    const [one, two] = agents
    const now = () => clock.now()
    const before = now()
    // web-1 goes to the other host by itself, and its home follows.
    two!.domains = [domain(2), domain(1)]
    one!.domains = []
    await one!.sayReport()
    await two!.sayReport()
    await settled()
    const moved = await control.events({ kinds: ['vm.moved'], limit: 10 })
    expect(moved).toHaveLength(1)
    start({ fromAt: before - 2 * hour, toAt: now() })
    await settled()
    const [{ picture, places }] = run.asked as [BacktestQuestion]
    const web = picture.vms.findIndex(({ id }) => id === (moved[0]!.body as { vm: { id: VmId } }).vm.id)
    expect(picture.hosts[places[web]!]!.name).toBe('esx-1')
    expect(picture.hosts[picture.vms[web]!.at]!.name).toBe('esx-2')
  })
})

describe('a backtest without threads', () => {
  it('reads what was recorded, and what was wanted and not had counts as wanted', async () => {
    const on = await estate(2)
    const { control, clock, store } = on
    const vm = [...control.world.tables.vm.values()][0]!
    const to = Math.floor(clock.now() / hour) * hour
    const from = to - 6 * hour
    const count = 6 * 12
    const column = (value: number) => new Float32Array(count).fill(value)
    const columns = {
      cpuMean: column(1),
      cpuP95: column(1),
      memoryMean: column(gib / 2),
      pressureMean: column(0.25),
    }
    await store.usage.record([{ width: '5m', fromAt: from, count, ids: [vm.id], columns }], {
      term: 1,
      daemon: 'control-1',
    })
    const rules = loadRules(control.world, control.world.tables.cluster.get('cluster-1')!)
    const started = control.backtests.start({ clusterId: 'cluster-1', rules, fromAt: from, toAt: to })
    expect(started.ok).toBe(true)
    for (let i = 0; i < 20; i += 1) await settled()
    const job = control.backtests.show('backtest-1')!
    expect(job).toMatchObject({ state: 'done', result: { hosts: 2, vms: 2, steps: 72 } })
    // 1.5 of 8 cores, between 100 and 250 W; the other host is idle.
    expect(job.result!.nothing.energyWh).toBe(Math.round(6 * (200 + (150 * 1.5) / 8)))
    expect(job.result!.gaps).toEqual([expect.stringMatching(/^Of web-2 nothing was recorded/)])
  })
})
