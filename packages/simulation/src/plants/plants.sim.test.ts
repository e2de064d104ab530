import { describe, expect, it } from 'vitest'
import { runWorkload } from '../workload/run'
import { plantedBugs } from './plants'

const most = 100

describe('the checkers can fail', () => {
  for (const { name, does, by, rare, make } of plantedBugs) {
    it(`${name}: ${does}`, async () => {
      let found: string | null = null
      const isFound = (checker: string | null) => (rare ? checker !== null : checker === by)
      for (let seed = 1; seed <= most && !isFound(found); seed++) {
        found = (await runWorkload({ seed, minutes: 2, plant: make() })).breach?.checker ?? null
      }
      expect(found, `"${by}" found it in no seed up to ${most}`).toSatisfy(isFound)
    })
  }
})
