import { Breach, calmPlan, plantedBugs, runStory, runWorkload, storyNamed } from '@drover/simulation'
import type { Job, SeedJob, StrikeJob, Verdict } from './pool'

/** Runs one job after the other, as it is told by the process that counts. */
process.on('message', (message) => {
  const job = message as Job
  const run = 'seed' in job ? seed(job) : strike(job)
  run
    .catch((error: Error) => verdict('it threw', `it threw: ${error.stack}`))
    .then((said) => process.send!(said))
})

function verdict(checker: string | null, breach: string | null): Verdict {
  return { checker, breach, counts: {}, virtualMs: 0 }
}

async function seed({ seed, minutes, plant, calm }: SeedJob): Promise<Verdict> {
  const planted = plant === null ? undefined : plantedBugs.find(({ name }) => name === plant)?.make()
  const { breach, counts, virtualMs } = await runWorkload({
    ...{ seed, minutes, plant: planted },
    ...(calm ? calmPlan : {}),
  })
  return { checker: breach?.checker ?? null, breach: breach?.message ?? null, counts, virtualMs }
}

async function strike({ story, strike }: StrikeJob): Promise<Verdict> {
  try {
    await runStory(storyNamed(story), strike ? { strike } : {})
    return verdict(null, null)
  } catch (error) {
    if (!(error instanceof Breach)) throw error
    return verdict(error.checker, error.message)
  }
}
