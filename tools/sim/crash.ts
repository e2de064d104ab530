import { hostStories, sayBroken, strikesOf, victimsOf } from '@drover/simulation'
import { runJobs } from './pool'

export interface CrashOptions {
  /** So many at once. */
  workers: number
  /** At so many points of each story for each who is struck; all when absent. */
  most?: number | undefined
  /** Of the stories, those whose name has it. */
  only: string
}

/** Strikes everybody who has a part in a story of a host, and says what that broke. False: something. */
export async function crash({ workers, most, only }: CrashOptions): Promise<boolean> {
  let [runs, broken] = [0, 0]
  for (const story of hostStories.filter(({ name }) => name.includes(only))) {
    const strikes = (
      await Promise.all(victimsOf(story).map((victim) => strikesOf(story, victim, most)))
    ).flat()
    const lines: string[] = []
    await runJobs({
      ...{ jobs: strikes.map((strike) => ({ story: story.name, strike })), workers },
      onVerdict({ strike }, { breach }) {
        if (breach) lines.push(sayBroken(story, strike, breach))
        return true
      },
    })
    console.log(`${story.name}: ${strikes.length} runs, ${lines.length} broken`)
    for (const line of lines) console.log(`  ${line}`)
    runs += strikes.length
    broken += lines.length
  }
  console.log(
    broken === 0 ? `Every invariant held in ${runs} runs.` : `${broken} of ${runs} runs broke something.`,
  )
  return broken === 0
}
