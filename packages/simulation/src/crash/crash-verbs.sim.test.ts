import { describe, expect, it } from 'vitest'
import { crashEverywhere } from './matrix'
import { verbs } from './stories'
import { verbVictims } from './victims'

describe('killed at every step of everything else that is done to a VM', () => {
  for (const story of verbs) {
    for (const victim of verbVictims) {
      it(`${story.name}: ${victim}`, async () => {
        const { runs, broken } = await crashEverywhere(story, victim)
        expect(runs).toBeGreaterThan(5)
        expect(broken).toEqual([])
      })
    }
  }
})
