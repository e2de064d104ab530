import { type BalanceJob, reasonsOf } from '@drover/planner'
import { afterEach, expect, it, vi } from 'vitest'
import { type PlanningThread, planningThread } from './planner'

const quiet = { info: () => {}, warn: () => {}, error: () => {} }
let planner: PlanningThread | null = null
afterEach(async () => {
  vi.useRealTimers()
  await planner?.stop()
  planner = null
})

/** So many VMs on the first of these hosts. */
function job(hosts: number, vms: number, budgetMs: number | null = null): BalanceJob {
  return {
    kind: 'balance',
    input: {
      resources: [
        { name: 'memory', hard: true, weight: 1 },
        { name: 'cpu', hard: false, weight: 1 },
      ],
      hosts: Array.from({ length: hosts }, (_, i) => ({
        name: `h${i}`,
        capacity: [10 * vms, 10 * vms],
        used: i === 0 ? [2 * vms, 3 * vms] : [0, 0],
        accepts: true,
      })),
      vms: Array.from({ length: vms }, (_, i) => ({
        name: `v${i}`,
        size: [2, 3],
        at: 0,
        rank: 1,
        protected: true,
        eligible: Uint8Array.from({ length: hosts }, (_, host) => (host === 2 ? 0 : 1)),
      })),
      rules: [],
    },
    goal: {
      aim: 'spread',
      metrics: [{ resource: 1, weight: 1, enough: 0, limit: 1 }],
      minGain: 0,
      minShare: 0,
      maxMoves: 1_000,
      costOf: 0,
      costPerMove: 0.1,
    },
    movable: Uint8Array.from({ length: vms }, (_, vm) => (vm === 0 ? 0 : 1)),
    explain: true,
    budgetMs,
  }
}

it('plans on a thread of its own, and this one goes on meanwhile', async () => {
  planner = planningThread(quiet)
  let turns = 0
  const turning = setInterval(() => turns++, 1)
  const answers = await Promise.all([planner.plan(job(3, 4)), planner.plan(job(12, 2_000))])
  clearInterval(turning)
  expect(turns).toBeGreaterThan(5)
  const [small, large] = answers.map(({ plan }) => plan.moves)
  expect(small!.map(({ to }) => to)).toEqual([1, 1])
  expect(small!.map(({ vm }) => vm)).not.toContain(0)
  expect(reasonsOf(answers[0].explained!, 0)).toEqual([{ host: 2, reason: { code: 'ineligible' } }])
  expect(large!.length).toBeGreaterThan(100)
}, 30_000)

it('keeps to the budget of a job', async () => {
  planner = planningThread(quiet)
  const { plan } = await planner.plan(job(40, 20_000, 1))
  expect(plan.stopped).toBe(true)
}, 30_000)

it('counts the time of a job from when its turn comes, not from when it was asked for', async () => {
  planner = planningThread(quiet)
  await planner.plan(job(3, 4))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const [first, second] = [planner.plan(job(3, 4, 1_000)), planner.plan(job(12, 2_000, 1_000))]
  vi.advanceTimersByTime(30_900)
  await first
  vi.advanceTimersByTime(30_900)
  expect((await second).plan.moves.length).toBeGreaterThan(100)
}, 30_000)

it('says what went wrong in a job, and plans on', async () => {
  planner = planningThread(quiet)
  const broken = { ...job(3, 4), input: null as never }
  await expect(planner.plan(broken)).rejects.toThrow(/null/)
  expect((await planner.plan(job(3, 4))).plan.moves).toHaveLength(2)
}, 30_000)

it('rejects what is still asked when it stops', async () => {
  planner = planningThread(quiet)
  const asked = planner.plan(job(12, 2_000))
  const lost = expect(asked).rejects.toThrow(/stopping/)
  await planner.stop()
  await lost
  await expect(planner.plan(job(3, 4))).rejects.toThrow(/stopping/)
})
