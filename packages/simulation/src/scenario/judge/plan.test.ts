import { answerPlan } from '@drover/planner'
import { describe, expect, it } from 'vitest'
import { questionSchema } from '../format/question'
import { judgeAnswer } from './plan'

const question = questionSchema.parse({
  format: 'vmha-plan/1',
  id: 'empty-b',
  kind: 'evacuate',
  cluster: {
    hosts: ['a', 'b', 'c'].map((id) => ({ id, mem_mib: 8_192 })),
    vms: ['x', 'y'].map((id) => ({ id, host: 'b', mem_mib: 5_000 })),
    rules: [{ id: 'r', kind: 'vm-vm', relation: 'apart', strict: false, vms: ['x', 'y'] }],
  },
  ask: { host: 'b' },
  expect: [
    { tier: 'must', kind: 'verdict', complete: true },
    { tier: 'must', kind: 'memory_fits' },
    { tier: 'should', kind: 'apart_uses_two_hosts', rules: ['r'] },
    { tier: 'policy', tag: 'even', kind: 'spread', sum_of_max_minus_min: 0 },
  ],
})

function judged(moves: [string, string][], complete = true): boolean[] {
  const answer = {
    format: 'vmha-answer/1' as const,
    id: 'empty-b',
    certain: true,
    complete,
    moves: moves.map(([vm, target]) => ({ vm, target })),
  }
  return judgeAnswer(question, answer, new Set(['even'])).map(({ ok }) => ok)
}

describe('answers to plan questions', () => {
  it('are right when they do what they say', () => {
    expect(
      judged([
        ['x', 'a'],
        ['y', 'c'],
      ]),
    ).toEqual([true, true, true, true])
  })

  it('are wrong when the host is not empty, hosts are overfull, or VMs that belong apart are together', () => {
    expect(judged([['x', 'a']])).toEqual([false, true, true, false])
    expect(
      judged(
        [
          ['x', 'a'],
          ['y', 'c'],
        ],
        false,
      )[0],
    ).toBe(false)
    expect(
      judged([
        ['x', 'a'],
        ['y', 'a'],
      ]),
    ).toEqual([true, false, false, false])
    expect(
      judged([
        ['x', 'a'],
        ['y', 'c'],
        ['z', 'a'],
      ])[1],
    ).toBe(false)
  })

  it('say when nobody could have done better: all VMs need more than all hosts have', () => {
    const hosts = [
      { id: 'a', mem_mib: 10 },
      { id: 'b', mem_mib: 4 },
    ]
    const asked = questionSchema.parse({
      ...question,
      cluster: { hosts, vms: [{ id: 'x', host: 'b', mem_mib: 15 }] },
      expect: [{ tier: 'must', kind: 'memory_fits' }],
    })
    const [verdict] = judgeAnswer(asked, answerPlan(asked), new Set())
    expect(verdict).toMatchObject({
      ok: false,
      found:
        'b holds 15 MiB (15 before) and has 4; no answer could fit: all VMs need 15 MiB, and all hosts have 14',
    })
  })
})
