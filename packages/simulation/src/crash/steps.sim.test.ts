import { describe, expect, it } from 'vitest'
import { failEverywhere } from './matrix'
import { migrations, verbs } from './stories'
import { runStory } from './story'

const stories = [...migrations, ...verbs]

describe('every step of every kind of task', () => {
  for (const story of stories) {
    it(`succeeds undisturbed: ${story.name}`, async () => {
      const { task } = await runStory(story)
      expect(task.state).toBe('succeeded')
    })

    it(`may run twice: ${story.name}`, async () => {
      const { task } = await runStory(story, { twice: true })
      expect(task.state).toBe('succeeded')
    })

    it(`may fail once: ${story.name}`, async () => {
      const { runs, broken } = await failEverywhere(story)
      expect(runs).toBeGreaterThan(1)
      expect(broken).toEqual([])
    })
  }
})
