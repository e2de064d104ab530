import { allCheckers, leftovers } from '@drover/simulation'
import { describe, expect, it } from 'vitest'
import { patched } from './bundle'
import { allPlants, find } from './find'
import { sourcePlants } from './plants'

/** Those that a few runs find; `npm run sim -- --plants` looks for all of them. */
const quick = [
  'restart before proof',
  'trust OK instead of the power state',
  'the deadline is counted from the wrong moment',
  'the lease begins anew with the agent',
  'the storm guard is off',
  'a restart ignores the apart rule',
  'what should be off is restarted',
  'a host heard a second ago is fenced',
  'an isolated host is fenced',
  'a host that is back is not cleaned',
  'maintenance is not waited for',
  'more starts at once than a host can bear',
  'the story loses its end',
  'a fence by hand is forgotten at a take-over',
  'a wake-up counts as done when it is ordered',
  'what was told often enough is believed to have been done',
]
const most = 40

describe('mistakes in the product', () => {
  it.each(quick)('are found by the checker that is for them: %s', async (name) => {
    const planted = allPlants().find((plant) => plant.name === name)!
    const { run } = await find(planted, { workers: 2, minutes: 3, most })
    expect(run, `"${planted.by}" found it in no run up to ${most}`).not.toBeNull()
  })

  it.each(sourcePlants)('fit the source as it is: $name', ({ patches }) => {
    for (const file of new Set(patches.map((patch) => patch.file))) {
      const own = patches.filter((patch) => patch.file === file)
      expect(patched(file, own)).not.toBe(patched(file, []))
    }
  })

  it('are there for every checker: one that nothing can break is not known to work', () => {
    const names = [...allCheckers(), leftovers()].map(({ name }) => name)
    const found = new Set(allPlants().map(({ by }) => by))
    expect(names.filter((name) => !found.has(name))).toEqual([])
    expect([...found].filter((name) => !names.includes(name))).toEqual(['a spike is served'])
  })
})
