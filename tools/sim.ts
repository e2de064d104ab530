import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import {
  crashEverywhere,
  isAboutLoad,
  powers,
  powerVictims,
  runWorkload,
  sayPlanned,
  shrink,
} from '@drover/simulation'
import { findPlants } from './sim/find'
import { runSeeds, type Verdict } from './sim/pool'

const defaultMinutes = 3

const usage = `npm run sim -- [--seed N] [--seeds COUNT] [--from N] [--jobs J] [--minutes M] [--shrink] [--plants]
  --seed N       runs one seed: what was drawn, the log, and what broke
  --seeds COUNT  runs that many, from --from on (default 1)
  --jobs J       so many at once (default: one for each core)
  --load         of those seeds, the ones that are about load: balancing and power saving
  --minutes M    of virtual time that requests and faults go on (default ${defaultMinutes})
  --shrink       leaves out of a failing seed what it does not need to fail
  --quiet        no log
  --crash        strikes everybody at every point of putting a host to sleep and waking it
  --plants       plants one bug after the other and runs seeds until a checker finds it
  --only TEXT    of the plants, those whose name has it`

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    load: { type: 'boolean', default: false },
    minutes: { type: 'string', default: String(defaultMinutes) },
    shrink: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
    plants: { type: 'boolean', default: false },
    crash: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
})

function number(text: string, name: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value < 0) {
    console.error(`--${name} ${text} is no number.\n${usage}`)
    process.exit(2)
  }
  return value
}

const minutes = number(values.minutes, 'minutes')
const jobs = number(values.jobs, 'jobs')
const reproduce = (seed: number): string =>
  `npm run sim -- --seed ${seed}${minutes === defaultMinutes ? '' : ` --minutes ${minutes}`}`

function sum(total: Record<string, number>, counts: Record<string, number>): void {
  for (const [what, n] of Object.entries(counts))
    total[what] = what.endsWith('at most') ? Math.max(total[what] ?? 0, n) : (total[what] ?? 0) + n
}

function say(counts: Record<string, number>): string {
  return Object.entries(counts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, n]) => `${what} ${n}`)
    .join(', ')
}

/** How long clusters with hosts asleep took to serve a spike. */
function sayRelief(counts: Record<string, number>): void {
  const { 'spikes on sleepers relieved': relieved = 0, 'spikes without relief': without = 0 } = counts
  const { 'spikes with room and no moves': held = 0, 'spike relief ms at most': most = 0 } = counts
  if (relieved + held + without === 0) return
  const seconds = ((counts['spike relief ms'] ?? 0) / Math.max(1, relieved) / 1_000).toFixed(1)
  console.log(
    `A spike while hosts slept: relieved ${relieved} times, after ${seconds} s on average and ${(most / 1_000).toFixed(0)} s at most; ${held} times enough hosts were awake and guests stayed where they are, for a cooldown or a budget; ${without} times all that could be woken were not enough.`,
  )
}

async function one(seed: number): Promise<boolean> {
  let result = await runWorkload({ seed, minutes })
  if (result.breach && values.shrink) {
    const { checker } = result.breach
    const plan = await shrink(
      result.plan,
      async (tried) => (await runWorkload({ seed, minutes, plan: tried })).breach?.checker === checker,
    )
    result = await runWorkload({ seed, minutes, plan })
    console.log(`Shrunk to what it needs to fail; without --shrink the whole plan runs.`)
  }
  console.log(`Seed ${seed} draws:\n${result.drawn}\n${result.plan.map(sayPlanned).join('\n')}\n`)
  if (!values.quiet) process.stdout.write(result.log)
  console.log(`\nSeed ${seed}: ${say(result.counts)}; log ${result.logSha256}`)
  if (!result.breach) console.log('Every invariant held.')
  else console.log(`BROKEN: ${result.breach.message}\nAgain: ${reproduce(seed)}`)
  return result.breach === null
}

async function many(from: number, range: number): Promise<boolean> {
  const only = values.load ? isAboutLoad : () => true
  const count = Array.from({ length: range }, (_, i) => from + i).filter(only).length
  const began = Date.now()
  const total: Record<string, number> = {}
  const broken: Verdict[] = []
  let done = 0
  let virtualMs = 0
  const progress = (): void => {
    if (!process.stderr.isTTY && done % 100 !== 0) return
    const seconds = ((Date.now() - began) / 1000).toFixed(0)
    const line = `${done} of ${count} seeds, ${broken.length} broken, ${seconds} s`
    process.stderr.write(process.stderr.isTTY ? `\r${line} ` : `${line}\n`)
  }
  await runSeeds({
    ...{ from, count: range, jobs, minutes, only },
    onVerdict(verdict) {
      done++
      sum(total, verdict.counts)
      virtualMs += verdict.virtualMs
      if (verdict.breach) {
        broken.push(verdict)
        console.log(`${reproduce(verdict.seed)}  # ${verdict.breach.replaceAll('\n', ' ')}`)
      }
      progress()
      return true
    },
  })
  const hours = (virtualMs / 3_600_000).toFixed(1)
  const seconds = ((Date.now() - began) / 1000).toFixed(0)
  console.log(`${count} seeds, ${hours} h of virtual time in ${seconds} s: ${say(total)}`)
  sayRelief(total)
  console.log(
    broken.length === 0 ? 'Every invariant held.' : `${broken.length} of ${count} seeds broke an invariant.`,
  )
  return broken.length === 0
}

/** The whole matrix, of which tests run a part. */
async function crash(): Promise<boolean> {
  let broken = 0
  for (const story of powers)
    for (const victim of powerVictims) {
      const result = await crashEverywhere(story, victim)
      broken += result.broken.length
      console.log(`${story.name}: ${victim}: ${result.runs} runs, ${result.broken.length} broken`)
      for (const line of result.broken) console.log(`  ${line}`)
    }
  return broken === 0
}

async function run(): Promise<boolean> {
  if (values.crash) return crash()
  if (values.plants) return findPlants({ jobs, minutes, most: 1_000, only: values.only })
  if (values.seed) return one(number(values.seed, 'seed'))
  return many(number(values.from, 'from'), number(values.seeds ?? '50', 'seeds'))
}

if (values.help) console.log(usage)
else process.exitCode = (await run()) ? 0 : 1
