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
      await runStory(story, { victim, at })
    } catch (error) {
      broken.push(`${story.name}, ${victim} struck at ${at} "${label}": ${(error as Error).message}`)
    }
  }
  return { points: points.length, runs, broken }
}
