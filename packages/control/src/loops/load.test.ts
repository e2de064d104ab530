import {
  defaultBalanceSettings,
  defaultHaSettings,
  emptyWorld,
  type LoadVerdict,
  setRow,
} from '@drover/model'
import type { PlanJob } from '@drover/planner'
import { expect, it } from 'vitest'
import type { Planner } from '../ports'
import { settled, TestClock } from '../testing/clock'
import type { Writer } from '../writer/writer'
import { LoadLoop } from './load'

const nothing: LoadVerdict = {
  proposals: [],
  memory: { moves: [], unevenSince: null, lowSince: null, aboveSince: {} },
  held: [],
}

/** A loop over one cluster that is balanced, a planner that answers when it is told to, and what was proposed. */
function stage() {
  const world = emptyWorld()
  const limits = { perHost: 2, perNetwork: 8, perDatastore: 8 }
  setRow(world, 'cluster', 'cluster-1', {
    id: 'cluster-1',
    datacenterId: 'datacenter-1',
    name: 'blue',
    migrationLimits: limits,
    ha: defaultHaSettings,
    balance: { ...defaultBalanceSettings, mode: 'manual', holdMs: 60_000 },
  })
  const clock = new TestClock()
  const jobs: { job: PlanJob; answer: () => void; fail: () => void }[] = []
  const planner = {
    plan: (job: PlanJob) =>
      new Promise((resolve, reject) => {
        const answer = () => resolve({ kind: 'judge', verdict: nothing })
        jobs.push({ job, answer, fail: () => reject(new Error('gave up')) })
      }),
  } as unknown as Planner
  let proposed = 0
  const writer = {
    propose: async () => {
      proposed += 1
      return { ok: true, value: null }
    },
  } as unknown as Writer
  const errors: string[] = []
  const log = { info() {}, warn() {}, error: (text: string) => void errors.push(text) }
  const history = { isKnown: true }
  const loop = new LoadLoop({ world, writer, clock, log, planner, history })
  return { history, clock, jobs, loop, errors, proposed: () => proposed }
}

it('has one question out for a cluster, and proposes what comes of it', async () => {
  const { clock, jobs, proposed } = stage()
  await clock.pass(10 * 60_000)
  expect(jobs.map(({ job }) => job.kind)).toEqual(['judge'])
  expect(proposed()).toBe(0)
  jobs[0]!.answer()
  await settled()
  expect(proposed()).toBe(1)
  await clock.pass(60_000)
  expect(jobs).toHaveLength(2)
})

it('drops the answer when it does not lead any more', async () => {
  const { clock, jobs, loop, proposed } = stage()
  await clock.pass(10_000)
  expect(jobs).toHaveLength(1)
  loop.stop()
  jobs[0]!.answer()
  await clock.pass(10 * 60_000)
  expect(proposed()).toBe(0)
  expect(jobs).toHaveLength(1)
})

it('asks again when planning was given up', async () => {
  const { clock, jobs, errors, proposed } = stage()
  await clock.pass(10_000)
  jobs[0]!.fail()
  await clock.pass(60_000)
  expect(errors).toEqual(['judging the load failed'])
  expect(jobs).toHaveLength(2)
  expect(proposed()).toBe(0)
})

it('moves nobody before it knows what was recorded: a night without a past looks like a day that never comes', async () => {
  const { clock, jobs, history } = stage()
  history.isKnown = false
  await clock.pass(10_000)
  expect(jobs.at(-1)!.job).toMatchObject({ watchOnly: true })
  jobs[0]!.answer()
  history.isKnown = true
  await clock.pass(60_000)
  expect(jobs.at(-1)!.job).toMatchObject({ watchOnly: false })
})
