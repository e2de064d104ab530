import { plantedBugs, runWorkload } from '@drover/simulation'
import type { Job, Verdict } from './pool'

/** Runs one seed after the other, as it is told by the process that counts. */
process.on('message', (message) => {
  const { seed, minutes, plant } = message as Job
  const planted = plant === null ? undefined : plantedBugs.find(({ name }) => name === plant)?.make()
  const say = (verdict: Verdict) => process.send!(verdict)
  runWorkload({ seed, minutes, plant: planted }).then(
    ({ breach, counts, virtualMs }) =>
      say({ seed, checker: breach?.checker ?? null, breach: breach?.message ?? null, counts, virtualMs }),
    (error: Error) =>
      say({ seed, checker: 'it threw', breach: `it threw: ${error.stack}`, counts: {}, virtualMs: 0 }),
  )
})
