import { describe, expect, it } from 'vitest'
import { crashEverywhere } from './matrix'
import { powers } from './stories'
import { runStory } from './story'
import { powerVictims } from './victims'

/** Of each victim; `npm run sim -- --crash` strikes at all of them. */
const most = 1

describe('killed, lied to or switched on while a host is put to sleep or woken', () => {
  for (const story of powers) {
    it(`${story.name}: undisturbed, and with everything said twice`, async () => {
      expect((await runStory(story)).task.state).toBe('succeeded')
      expect((await runStory(story, { twice: true })).task.state).toBe('succeeded')
    })

    if (story.name !== 'sleep' && story.name !== 'wake') continue
    it.each(powerVictims)(`${story.name}: %s`, async (victim) => {
      const { runs, broken } = await crashEverywhere(story, victim, most)
      expect(runs).toBe(most)
      expect(broken).toEqual([])
    })
  }
})
