import { isAboutLoad, plantedBugs, storyNamed, strikesOf } from '@drover/simulation'
import { table } from '../bench/table'
import type { Patch } from './bundle'
import { carePlants, crashPlants, deathPlants, loadPlants } from './plants'
import type { CrashPlant } from './plants/plant'
import { type Job, runJobs, seedJobs } from './pool'

/** One bug, wherever it is planted. */
export interface Planted {
  name: string
  does: string
  /** The checker that has to find it. */
  by: string
  patches: readonly Patch[]
  /** In the simulation's surroundings, by its name. */
  plant: string | null
  /** Where it is looked for: in any seeds, in those that are about load while little else happens, or in the crash matrix. */
  within: 'seeds' | 'load' | Pick<CrashPlant, 'story' | 'victim'>
}

export interface Finding {
  name: string
  by: string
  /** The first run that found it, in words; null: none did. */
  run: string | null
  /** Runs up to that one. */
  tried: number
  seconds: number
}

export interface FindOptions {
  workers: number
  minutes: number
  /** The last seed that is tried. */
  most: number
}

/** All of them: changes of the product's source, and bugs between the product and its surroundings. */
export function allPlants(): Planted[] {
  const own = { plant: null }
  return [
    ...[...deathPlants, ...carePlants].map((plant) => ({ ...plant, ...own, within: 'seeds' as const })),
    ...plantedBugs.map(({ make: _, rare: __, name, ...bug }) => ({
      ...{ ...bug, name, plant: name },
      ...{ patches: [], within: 'seeds' as const },
    })),
    ...loadPlants.map((plant) => ({ ...plant, ...own, within: 'load' as const })),
    ...crashPlants.map(({ story, victim, ...plant }) => ({ ...plant, ...own, within: { story, victim } })),
  ]
}

/**
 * Runs seeds from 1 on, or every strike of a story that ends well undisturbed, until the plant's checker finds something, in a
 * run that breaks nothing without the bug.
 */
export async function find(planted: Planted, options: FindOptions): Promise<Finding> {
  const began = Date.now()
  const { name, by } = planted
  const jobs = await jobsOf(planted, options)
  if (typeof planted.within === 'object') {
    const undisturbed = { story: planted.within.story, strike: null }
    const broken = await breaks(undisturbed, planted.patches)
    if (broken) throw new Error(`"${name}" breaks "${undisturbed.story}" with nobody struck: ${broken}`)
  }
  for (let from = 0; ; ) {
    const at = await first(jobs.slice(from), planted, options.workers)
    const finding = { name, by, seconds: (Date.now() - began) / 1000 }
    if (at === null) return { ...finding, run: null, tried: jobs.length }
    from += at + 1
    const job = jobs[from - 1]!
    const sound = { ...job, ...('seed' in job ? { plant: null } : {}) }
    if (!(await breaks(sound))) return { ...finding, run: sayJob(job), tried: from }
  }
}

/** What is run for it, in order. */
async function jobsOf({ within, plant }: Planted, { minutes, most }: FindOptions): Promise<Job[]> {
  if (typeof within === 'object') {
    const { story, victim } = within
    const strikes = await strikesOf(storyNamed(story), victim)
    return strikes.map(({ at }) => ({ story, strike: { victim, at } }))
  }
  const only = within === 'load' ? isAboutLoad : undefined
  return seedJobs({ from: 1, count: most, only }, { minutes, plant, calm: within === 'load' })
}

/** Which of the jobs is the first that the plant's checker breaks; null: none. */
async function first(jobs: Job[], { patches, by }: Planted, workers: number): Promise<number | null> {
  let found: number | null = null
  await runJobs({
    ...{ jobs, workers, patches },
    onVerdict(job, { checker }) {
      const at = jobs.indexOf(job)
      if (checker === by && (found === null || at < found)) found = at
      return found === null
    },
  })
  return found
}

/** What the job breaks, in words; null: nothing. */
async function breaks(job: Job, patches: readonly Patch[] = []): Promise<string | null> {
  let broken: string | null = null
  await runJobs({
    ...{ jobs: [job], workers: 1, patches },
    onVerdict(_, { breach }) {
      broken = breach
      return true
    },
  })
  return broken
}

function sayJob(job: Job): string {
  if ('seed' in job) return `seed ${job.seed}${job.calm ? ', calm' : ''}`
  return job.strike ? `${job.story}: ${job.strike.victim} at ${job.strike.at}` : job.story
}

/** Shows that the checkers can fail: plants every bug and prints which run its checker found it in. */
export async function findPlants(options: FindOptions & { only: string; json: boolean }): Promise<boolean> {
  const plants = allPlants().filter(({ name }) => name.includes(options.only))
  const rows = [['bug', 'found in', 'runs', 'seconds', 'checker']]
  const began = Date.now()
  let missed = 0
  for (const plant of plants) {
    const finding = await find(plant, options)
    const { name, by, run, tried, seconds } = finding
    if (options.json) console.log(JSON.stringify(finding))
    if (run === null) missed++
    rows.push([name, run ?? 'none', String(tried), seconds.toFixed(0), by])
    console.error(`${name}: ${run === null ? `not in ${tried} runs` : `${run}, ${by}`}`)
  }
  if (!options.json) for (const line of table(rows)) console.log(line)
  const took = `in ${((Date.now() - began) / 60_000).toFixed(1)} min`
  console.error(
    missed === 0
      ? `All ${plants.length} were found, each by the checker that it is for, ${took}.`
      : `${missed} of ${plants.length} were not found, ${took}.`,
  )
  return missed === 0
}
