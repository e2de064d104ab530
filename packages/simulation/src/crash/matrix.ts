import { runStory, type Story, type Victim } from './story'

export interface MatrixResult {
  /** How many points the undisturbed story has. */
  points: number
  runs: number
  /** A line for each run that broke something, with what reproduces it. */
  broken: string[]
}

/** Strikes the victim at every point of the story that it has a part in, and in every second of it; one run each. */
export async function crashEverywhere(story: Story, victim: Victim): Promise<MatrixResult> {
  const { points } = await runStory(story)
  const concerns = concern(story, victim)
  const broken: string[] = []
  let runs = 0
  for (const [at, label] of points.entries()) {
    if (!concerns.test(label)) continue
    runs++
    try {
      await runStory(story, { strike: { victim, at } })
    } catch (error) {
      broken.push(`${story.name}, ${victim} struck at ${at} "${label}": ${(error as Error).message}`)
    }
  }
  return { points: points.length, runs, broken }
}

/** Between two points of its own a process does nothing, so that dying at somebody else's is dying at its next. */
function concern({ hosts }: Story, victim: Victim): RegExp {
  switch (victim) {
    case 'control':
    case 'lone control':
      return /^(control|store has|time)/
    case 'store':
      return /batch|^time/
    case 'target agent':
    case 'target power':
      return new RegExp(`^(${hosts[1]} |time)`)
    default:
      return new RegExp(`^(${hosts[0]} |time)`)
  }
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
