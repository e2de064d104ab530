import { runStory, type Story, type Strike, type Victim } from './story'

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
 * Every point of the story that the victim has a part in, and every second of it. `most`: no more of them than that, evenly
 * spread.
 */
export async function strikesOf(
  story: Story,
  victim: Victim,
  most = Number.POSITIVE_INFINITY,
): Promise<(Strike & { label: string })[]> {
  const points = await pointsOf(story)
  const concerns = concern(story, victim)
  // That somebody was heard is said all the time, and remembered by nobody.
  const all = [...points.entries()].filter(([, label]) => concerns.test(label) && !label.endsWith(' heard'))
  const count = Math.min(all.length, most)
  return Array.from({ length: count }, (_, i) => {
    const [at, label] = all[Math.floor(((i + 0.5) * all.length) / count)]!
    return { victim, at, label }
  })
}

/** Strikes the victim at those points; one run each. */
export async function crashEverywhere(story: Story, victim: Victim, most?: number): Promise<MatrixResult> {
  const strikes = await strikesOf(story, victim, most)
  const broken: string[] = []
  for (const { label, ...strike } of strikes) {
    try {
      await runStory(story, { strike })
    } catch (error) {
      broken.push(sayBroken(story, { label, ...strike }, (error as Error).message))
    }
  }
  return { points: (await pointsOf(story)).length, runs: strikes.length, broken }
}

/** A line with what reproduces it. */
export function sayBroken(
  { name }: Pick<Story, 'name'>,
  { victim, at, label }: Strike & { label: string },
  breach: string,
): string {
  return `${name}, ${victim} struck at ${at} "${label}": ${breach}`
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
