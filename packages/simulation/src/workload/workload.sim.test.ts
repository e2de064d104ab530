import { describe, expect, it } from 'vitest'
import { runWorkload } from './run'

describe('drawn requests and faults', () => {
  it('give the same log, byte for byte, in two runs of one seed, and another one for another seed', async () => {
    const [one, again, other] = [
      await runWorkload({ seed: 4, minutes: 2 }),
      await runWorkload({ seed: 4, minutes: 2 }),
      await runWorkload({ seed: 5, minutes: 2 }),
    ]
    expect(again.log).toBe(one.log)
    expect(one.log.length).toBeGreaterThan(5_000)
    expect(other.logSha256).not.toBe(one.logSha256)
  })

  it('break no invariant in a handful of seeds', async () => {
    const broken: string[] = []
    let tasks = 0
    for (let seed = 1; seed <= 40; seed++) {
      const { breach, counts } = await runWorkload({ seed, minutes: 3 })
      tasks += counts['tasks succeeded'] ?? 0
      if (breach) broken.push(`npm run sim -- --seed ${seed} --minutes 3: ${breach.message}`)
    }
    expect(broken).toEqual([])
    expect(tasks).toBeGreaterThan(400)
  })
})
