import { runStory, type Story, type Victim } from './story'

export interface MatrixResult {
  /** How many points the undisturbed story has. */
  points: number
  runs: number
  /** A line for each run that broke something, with what reproduces it. */
  broken: string[]
}

/** Strikes the victim at every point of the story, one run each. */
export async function crashEverywhere(story: Story, victim: Victim): Promise<MatrixResult> {
  const { points } = await runStory(story)
  const broken: string[] = []
  let runs = 0
  for (const [at, label] of points.entries()) {
    runs++
    try {
      await runStory(story, { strike: { victim, at } })
    } catch (error) {
      broken.push(`${story.name}, ${victim} struck at ${at} "${label}": ${(error as Error).message}`)
    }
  }
  return { points: points.length, runs, broken }
}

/** Has every operation that the story needs fail once, before it was done and after. */
export async function failEverywhere(story: Story): Promise<MatrixResult> {
  const { operations } = await runStory(story)
  const broken: string[] = []
  let runs = 0
  for (const [at, operation] of operations.entries()) {
    for (const when of ['before', 'after'] as const) {
      runs++
      try {
        await runStory(story, { failure: { at, when }, mayLeave: operation === 'deleteDisks' })
      } catch (error) {
        broken.push(
          `${story.name}, ${operation} (${at}) fails ${when} it was done: ${(error as Error).message}`,
        )
      }
    }
  }
  return { points: operations.length, runs, broken }
}
