import { describe, expect, it } from 'vitest'
import { patched } from './bundle'
import { allPlants, find } from './find'
import { sourcePlants } from './plants'

/** Those that a few seeds find; `npm run sim -- --plants` looks for all of them. */
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
]
const most = 40

describe('mistakes in the product', () => {
  it.each(quick)('are found: %s', async (name) => {
    const planted = allPlants().find((plant) => plant.name === name)!
    const { seed, checker } = await find(planted, { jobs: 2, minutes: 3, most })
    expect(seed, `no seed up to ${most} found it`).not.toBeNull()
    expect(checker).not.toBe('it threw')
  })

  it.each(sourcePlants)('fit the source as it is: $name', ({ patches }) => {
    for (const file of new Set(patches.map((patch) => patch.file))) {
      const own = patches.filter((patch) => patch.file === file)
      expect(patched(file, own)).not.toBe(patched(file, []))
    }
  })
})
