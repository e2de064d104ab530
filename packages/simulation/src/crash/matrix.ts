import { runStory, type Story, type Victim } from './story'

export interface MatrixResult {
  /** How many points the undisturbed story has. */
  points: number
  runs: number
  /** A line for each run that broke something, with what reproduces it. */
  broken: string[]
}

const known = new WeakMap<Story, Promise<string[]>>()

/** Of the undisturbed story, which is the same every time. */
function pointsOf(story: Story): Promise<string[]> {
  const points = known.get(story) ?? runStory(story).then((run) => run.points)
  known.set(story, points)
  return points
}

/**
 * Strikes the victim at every point of the story that it has a part in, and in every second of it; one run each. `most`: at no
 * more points than that, evenly spread.
 */
export async function crashEverywhere(
  story: Story,
  victim: Victim,
  most = Number.POSITIVE_INFINITY,
): Promise<MatrixResult> {
  const points = await pointsOf(story)
  const concerns = concern(story, victim)
  // That somebody was heard is said all the time, and remembered by nobody.
  const all = [...points.entries()].filter(([, label]) => concerns.test(label) && !label.endsWith(' heard'))
  const step = Math.max(1, all.length / most)
  const broken: string[] = []
  let runs = 0
  for (let i = step / 2; i < all.length; i += step) {
    const [at, label] = all[Math.floor(i)]!
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
    case 'devices lie':
    case 'devices refuse':
    case 'devices are gone':
    case 'source never comes':
      return /sends a batch|^time/
    case 'source boots':
    case 'VMs start':
      return /sends a batch|is durable|^time/
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
