import type { Finding } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { classification, classify, sides, type Then } from './classify'

/** Every combination of a host that fell silent without a word: storage, peers, power → finding, what follows. */
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

/** After a goodbye that explains the silence, everything else is a host that nobody watches. */
const afterGoodbye: Record<string, [Finding, Then]> = {
  'stale reach off': ['unproven', 'wait'],
  'stale none off': ['off', 'proof'],
  'stale unknown off': ['off', 'proof'],
  'unknown reach off': ['unproven', 'wait'],
  'unknown none off': ['off', 'proof'],
  'unknown unknown off': ['off', 'proof'],
}

describe('the classification of a silent host', () => {
  const all = sides.storage.flatMap((storage) =>
    sides.peers.flatMap((peers) =>
      sides.power.flatMap((power) => sides.agent.map((agent) => ({ agent, storage, peers, power }))),
    ),
  )

  it.each(all)('agent $agent, $storage heartbeat, $peers by peers, power $power', (seen) => {
    const { agent, storage, peers, power } = seen
    const { finding, follows } = classify(agent, storage, peers, power)
    const key = `${storage} ${peers} ${power}`
    const wanted = agent === 'silent' ? expected[key] : (afterGoodbye[key] ?? ['unwatched', 'leave'])
    expect([finding, follows]).toEqual(wanted)
  })

  it('has no row that never counts, and a sentence for each', () => {
    const used = new Set(
      all.map(({ agent, storage, peers, power }) => classify(agent, storage, peers, power)),
    )
    expect(used.size).toBe(classification.length)
    for (const { why } of classification) expect(why).toMatch(/^[A-Z].*\.$/)
  })

  it('takes nothing for proof while anything speaks for life', () => {
    for (const { agent, storage, peers, power } of all) {
      const { follows } = classify(agent, storage, peers, power)
      if (agent === 'stopped') expect(follows).not.toBe('fence')
      if (storage === 'fresh' || peers === 'reach') expect(['leave', 'wait']).toContain(follows)
      if (follows === 'proof') expect(power).toBe('off')
    }
  })
})
