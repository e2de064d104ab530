import { isAboutLoad, plantedBugs } from '@drover/simulation'
import { table } from '../bench/table'
import type { Patch } from './bundle'
import { sourcePlants } from './plants'
import { runSeeds } from './pool'

/** One bug, wherever it is planted. */
export interface Planted {
  name: string
  does: string
  patches: readonly Patch[]
  /** In the simulation's surroundings, by its name. */
  plant: string | null
  /** Only seeds that are about load can find it. */
  aboutLoad?: boolean
}

export interface Finding {
  name: string
  /** Null: no seed found it. */
  seed: number | null
  checker: string | null
  seconds: number
}

/** All of them: changes of the product's source, and bugs between the product and its surroundings. */
export function allPlants(): Planted[] {
  return [
    ...sourcePlants.map((plant) => ({ ...plant, plant: null })),
    ...plantedBugs.map(({ name, does }) => ({ name, does, patches: [], plant: name })),
  ]
}

/** Runs seeds from 1 on until one breaks an invariant that holds without the bug, at most so many. */
export async function find(planted: Planted, options: FindOptions): Promise<Finding> {
  const began = Date.now()
  const { name } = planted
  let from = 1
  for (;;) {
    const found = await first(planted, from, options)
    const seconds = (Date.now() - began) / 1000
    if (!found) return { name, seed: null, checker: null, seconds }
    const sound = await first({ patches: [], plant: null, aboutLoad: false }, found.seed, {
      ...options,
      most: found.seed,
    })
    if (!sound) return { name, ...found, seconds }
    from = found.seed + 1
  }
}

export interface FindOptions {
  jobs: number
  minutes: number
  /** The last seed that is tried. */
  most: number
}

/** The first seed that breaks something, and which checker says so. */
async function first(
  { patches, plant, aboutLoad }: Pick<Planted, 'patches' | 'plant' | 'aboutLoad'>,
  from: number,
  { jobs, minutes, most }: FindOptions,
): Promise<{ seed: number; checker: string } | null> {
  let found: { seed: number; checker: string } | null = null
  await runSeeds({
    ...{ from, count: most - from + 1, jobs, minutes, patches, plant },
    ...(aboutLoad ? { only: isAboutLoad } : {}),
    onVerdict({ seed, checker }) {
      if (checker && (!found || seed < found.seed)) found = { seed, checker }
      return found === null
    },
  })
  return found
}

/** Shows that the checkers can fail: plants every bug and prints which seed and which checker found it. */
export async function findPlants(options: FindOptions & { only: string }): Promise<boolean> {
  const plants = allPlants().filter(({ name }) => name.includes(options.only))
  const rows = [['bug', 'seed', 'seconds', 'found by']]
  let missed = 0
  for (const plant of plants) {
    const { seed, checker, seconds } = await find(plant, options)
    if (seed === null) missed++
    rows.push([plant.name, seed === null ? 'none' : String(seed), seconds.toFixed(0), checker ?? 'nobody'])
    console.error(
      `${plant.name}: ${seed === null ? `not in ${options.most} seeds` : `seed ${seed}, ${checker}`}`,
    )
  }
  for (const line of table(rows)) console.log(line)
  console.log(
    missed === 0 ? `All ${plants.length} were found.` : `${missed} of ${plants.length} were not found.`,
  )
  return missed === 0
}
