import { describe, expect, it } from 'vitest'
import { crashEverywhere } from './matrix'
import { migrations } from './stories'
import { migrationVictims } from './victims'

describe('killed at every step of a live migration', () => {
  for (const story of migrations.filter(
    ({ request }) => request.kind === 'migrate' && request.method !== 'cold',
  )) {
    for (const victim of migrationVictims) {
      it(`${story.name}: ${victim}`, async () => {
        const { runs, broken } = await crashEverywhere(story, victim)
        expect(runs).toBeGreaterThan(5)
        expect(broken).toEqual([])
      })
    }
  }
})
