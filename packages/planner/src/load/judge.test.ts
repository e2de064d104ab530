import type { LoadMemory, LoadRules, LoadVerdict, ThresholdRule } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { aPicture, aThreshold, noMemory, someRules } from '../testing/load'
import { pictureDone } from './after'
import { judgeLoad } from './judge'

const minute = 60_000
const gib = 2 ** 30

/** Looks every `everyMs` from the picture's moment on, and remembers; the first verdict with a proposal, or the last. */
function wait(
  rules: LoadRules,
  ms: number,
  picture = aPicture(),
  memory: LoadMemory = noMemory,
): LoadVerdict {
  let verdict: LoadVerdict | null = null
  let kept = memory
  for (let past = 0; past <= ms; past += 20_000) {
    verdict = judgeLoad({ ...picture, at: picture.at + past }, rules, kept)
    if (verdict.proposals.length > 0) return verdict
    kept = verdict.memory
  }
  return verdict!
}

const names = (verdict: LoadVerdict, picture = aPicture()) =>
  verdict.proposals.flatMap(({ moves }) =>
    moves.map(
      ({ vm, from, to }) =>
        `${picture.vms[vm]!.name}: ${picture.hosts[from]!.name} > ${picture.hosts[to]!.name}`,
    ),
  )
const only = (set: Partial<ThresholdRule>, more: Partial<LoadRules> = {}): LoadRules =>
  someRules({ thresholds: [aThreshold(set)], ...more }, { mode: 'full', aim: 'overload', limit: 1 })

describe('a threshold', () => {
  it('waits for its hold time, then moves VMs until the host is under where relief ends', () => {
    const rules = only({})
    const early = wait(rules, 5 * minute - 20_000)
    expect(early.proposals).toEqual([])
    expect(early.held[0]!.text).toMatch(
      /CPU of esx-1 is 9\d %, above 80 % for 4 min 40 s.*waited for 20 s more/,
    )
    const verdict = wait(rules, 5 * minute)
    const [proposal] = verdict.proposals
    expect(proposal!.automatic).toBe(true)
    expect(proposal!.hosts[0]!.before.cpu).toBeGreaterThan(0.8)
    expect(proposal!.hosts[0]!.after.cpu).toBeLessThanOrEqual(0.7)
    for (const { after } of proposal!.hosts.slice(1)) expect(after.cpu).toBeLessThanOrEqual(0.7)
    // The hold time begins anew.
    expect(verdict.memory.aboveSince['threshold-1']).toEqual({})
  })
})
void [gib, pictureDone, names]
