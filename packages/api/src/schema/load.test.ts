import { expect, it } from 'vitest'
import { loadRulesDraft } from './load'

const window = {
  days: [0, 1, 2, 3, 4, 5, 6, 0],
  from: '9'.repeat(99),
  to: '9'.repeat(99),
  timeZone: 'x'.repeat(999),
}
const most = (n: number) => Array.from({ length: n }, (_, i) => `host-${i}`)

it('names the field and what to give instead, whatever is out of bounds', () => {
  const answer = loadRulesDraft.safeParse({
    balance: {
      spread: -1,
      limit: 80,
      weights: { cpu: -1 },
      holdMs: -1,
      movesAtOnce: 0,
      budget: { movesPerHour: 0, bytesPerHour: -5 },
      windows: [window],
    },
    power: { hostIds: most(5_001), minAwake: 0, reserve: -1, dwellMs: -1, model: { idleWatts: -1 } },
    thresholds: [
      {
        name: 'x'.repeat(101),
        metric: 'cpu',
        above: 0,
        until: -1,
        forMs: -1,
        tags: ['x'.repeat(101)],
        hostIds: most(5_001),
        windows: Array(51).fill({ ...window, days: [], from: '', to: '', timeZone: '' }),
        cooldownMs: -1,
        budget: { movesPerHour: 0, bytesPerHour: 0 },
        minGain: 2,
      },
      { name: 'y', metric: 'cpu', above: 1, until: 0.5, tags: Array(101).fill('x'), minGain: -1 },
    ],
  })
  const said = (answer.error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}`)
  expect(said).toHaveLength(29)
  for (const sentence of said) expect(sentence).toMatch(/^\S+ .+\. [A-Z].*\.$/)
})
