import { describe, expect, it } from 'vitest'
import { crashEverywhere } from './matrix'
import { hostStories } from './stories'
import { runStory } from './story'
import { victimsOf } from './victims'

/** Of each victim; `npm run sim -- --crash` strikes at all of them. */
const most = 1

describe('killed, lied to or switched on while something is done with a host', () => {
  for (const story of hostStories) {
    it(`${story.name}: undisturbed, and with everything said twice`, async () => {
      expect((await runStory(story)).task.state).toBe('succeeded')
      expect((await runStory(story, { twice: true })).task.state).toBe('succeeded')
    })

    it.each(victimsOf(story))(`${story.name}: %s`, async (victim) => {
      const { runs, broken } = await crashEverywhere(story, victim, most)
      expect(runs).toBe(most)
      expect(broken).toEqual([])
    })
  }
})
