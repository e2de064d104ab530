import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { calmPlan, isAboutLoad, runWorkload, sayPlanned, shrink } from '@drover/simulation'
import { crash } from './sim/crash'
import { findPlants } from './sim/find'
import { runJobs, seedJobs } from './sim/pool'

const defaultMinutes = 3

const usage = `npm run sim -- [--seed N] [--seeds COUNT] [--from N] [--jobs J] [--minutes M] [--shrink] [--plants] [--crash]
  --seed N       runs one seed: what was drawn, the log, and what broke
  --seeds COUNT  runs that many, from --from on (default 1)
  --jobs J       so many at once (default: one for each core)
  --load         of those seeds, the ones that are about load: balancing and power saving
  --calm         with few faults and requests, so that rules about load come to act
  --minutes M    of virtual time that requests and faults go on (default ${defaultMinutes})
  --shrink       leaves out of a failing seed what it does not need to fail
  --quiet        no log
  --crash        strikes everybody at every point of what is done with hosts: lost, fenced, emptied, rebooted, asleep
  --points N     at no more points than that of each story, for each who is struck
  --plants       plants one bug after the other and runs seeds until the checker that is for it finds it
  --only TEXT    of the plants or the stories, those whose name has it
  --json         what was found of the plants as lines of JSON`

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    load: { type: 'boolean', default: false },
    calm: { type: 'boolean', default: false },
    minutes: { type: 'string', default: String(defaultMinutes) },
    shrink: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
    plants: { type: 'boolean', default: false },
    crash: { type: 'boolean', default: false },
    points: { type: 'string' },
    json: { type: 'boolean', default: false },
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
const workers = Math.max(1, number(values.jobs, 'jobs'))
const reproduce = (seed: number): string =>
  `npm run sim -- --seed ${seed}${minutes === defaultMinutes ? '' : ` --minutes ${minutes}`}${values.calm ? ' --calm' : ''}`

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
  const options = { seed, minutes, ...(values.calm ? calmPlan : {}) }
  let result = await runWorkload(options)
  if (result.breach && values.shrink) {
    const { checker } = result.breach
    const plan = await shrink(
      result.plan,
      async (tried) => (await runWorkload({ ...options, plan: tried })).breach?.checker === checker,
    )
    result = await runWorkload({ ...options, plan })
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
  const jobs = seedJobs(
    { from, count: range, only: values.load ? isAboutLoad : undefined },
    { minutes, calm: values.calm },
  )
  const count = jobs.length
  const began = Date.now()
  const total: Record<string, number> = {}
  let broken = 0
  let done = 0
  let virtualMs = 0
  const progress = (): void => {
    if (!process.stderr.isTTY && done % 100 !== 0) return
    const seconds = ((Date.now() - began) / 1000).toFixed(0)
    const line = `${done} of ${count} seeds, ${broken} broken, ${seconds} s`
    process.stderr.write(process.stderr.isTTY ? `\r${line} ` : `${line}\n`)
  }
  await runJobs({
    ...{ jobs, workers },
    onVerdict({ seed }, { counts, breach, virtualMs: ms }) {
      done++
      sum(total, counts)
      virtualMs += ms
      if (breach) {
        broken++
        console.log(`${reproduce(seed)}  # ${breach.replaceAll('\n', ' ')}`)
      }
      progress()
      return true
    },
  })
  const hours = (virtualMs / 3_600_000).toFixed(1)
  const seconds = ((Date.now() - began) / 1000).toFixed(0)
  console.log(`${count} seeds, ${hours} h of virtual time in ${seconds} s: ${say(total)}`)
  sayRelief(total)
  console.log(broken === 0 ? 'Every invariant held.' : `${broken} of ${count} seeds broke an invariant.`)
  return broken === 0
}

async function run(): Promise<boolean> {
  const { only, json } = values
  const most = values.points === undefined ? undefined : number(values.points, 'points')
  if (values.crash) return crash({ workers, most, only })
  if (values.plants) return findPlants({ workers, minutes, most: 1_000, only, json })
  if (values.seed) return one(number(values.seed, 'seed'))
  return many(number(values.from, 'from'), number(values.seeds ?? '50', 'seeds'))
}

if (values.help) console.log(usage)
else process.exitCode = (await run()) ? 0 : 1
