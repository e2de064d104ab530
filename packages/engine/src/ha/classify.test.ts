import type { Finding } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { classification, classify, sides, type Then } from './classify'

/** Every combination, written out: storage, peers, power → finding, what follows. */
const expected: Record<string, [Finding, Then]> = {
  'fresh reach on': ['isolated', 'leave'],
  'fresh reach off': ['isolated', 'leave'],
  'fresh reach unknown': ['isolated', 'leave'],
  'fresh none on': ['isolated', 'leave'],
  'fresh none off': ['isolated', 'leave'],
  'fresh none unknown': ['isolated', 'leave'],
  'fresh unknown on': ['isolated', 'leave'],
  'fresh unknown off': ['isolated', 'leave'],
  'fresh unknown unknown': ['isolated', 'leave'],
  'stale reach on': ['isolated', 'leave'],
  'stale reach off': ['unproven', 'wait'],
  'stale reach unknown': ['isolated', 'leave'],
  'stale none on': ['hung', 'fence'],
  'stale none off': ['off', 'proof'],
  'stale none unknown': ['unproven', 'fence'],
  'stale unknown on': ['hung', 'fence'],
  'stale unknown off': ['off', 'proof'],
  'stale unknown unknown': ['unproven', 'fence'],
  'unknown reach on': ['isolated', 'leave'],
  'unknown reach off': ['unproven', 'wait'],
  'unknown reach unknown': ['isolated', 'leave'],
  'unknown none on': ['hung', 'fence'],
  'unknown none off': ['off', 'proof'],
  'unknown none unknown': ['unproven', 'fence'],
  'unknown unknown on': ['unproven', 'wait'],
  'unknown unknown off': ['off', 'proof'],
  'unknown unknown unknown': ['unproven', 'wait'],
}

describe('the classification of a silent host', () => {
  const all = sides.storage.flatMap((storage) =>
    sides.peers.flatMap((peers) => sides.power.map((power) => ({ storage, peers, power }))),
  )

  it.each(all)('$storage heartbeat, $peers by peers, power $power', ({ storage, peers, power }) => {
    const { finding, follows } = classify(storage, peers, power)
    expect([finding, follows]).toEqual(expected[`${storage} ${peers} ${power}`])
  })

  it('has no row that never counts, and a sentence for each', () => {
    const used = new Set(all.map(({ storage, peers, power }) => classify(storage, peers, power)))
    expect(used.size).toBe(classification.length)
    for (const { why } of classification) expect(why).toMatch(/^[A-Z].*\.$/)
  })

  it('takes nothing for proof while anything speaks for life', () => {
    for (const { storage, peers, power } of all) {
      const { follows } = classify(storage, peers, power)
      if (storage === 'fresh' || peers === 'reach') expect(['leave', 'wait']).toContain(follows)
      if (follows === 'proof') expect(power).toBe('off')
    }
  })
})
