import { type ChildProcess, fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { runWorkload, sayPlanned, shrink, type WorkloadResult } from '@drover/simulation'

const usage = `npm run sim -- [--seed N] [--seeds COUNT] [--from N] [--minutes M] [--shrink] [--quiet]
  --seed N       runs one seed: what was drawn, the log, and what broke
  --seeds COUNT  runs that many, from --from on (default 1), on all cores
  --minutes M    of virtual time that requests and faults go on (default 4)
  --shrink       leaves out of a failing seed what it does not need to fail
  --quiet        no log`

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '4' },
    shrink: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    worker: { type: 'boolean', default: false },
  },
})

/** What one run sends from a worker to the one who counts. */
interface Verdict {
  seed: number
  breach: string | null
  counts: Record<string, number>
  virtualMs: number
}

function number(text: string, name: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value < 0) {
    console.error(`--${name} ${text} is no number.\n${usage}`)
    process.exit(2)
  }
  return value
}

const minutes = number(values.minutes, 'minutes')
const reproduce = (seed: number): string =>
  `npm run sim -- --seed ${seed}${minutes === 4 ? '' : ` --minutes ${minutes}`}`

function verdictOf({ seed, breach, counts, virtualMs }: WorkloadResult): Verdict {
  return { seed, breach: breach?.message ?? null, counts, virtualMs }
}

function sum(total: Record<string, number>, counts: Record<string, number>): void {
  for (const [what, n] of Object.entries(counts)) total[what] = (total[what] ?? 0) + n
}

function say(counts: Record<string, number>): string {
  return Object.entries(counts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, n]) => `${what} ${n}`)
    .join(', ')
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
  console.log(`Seed ${seed} draws:\n${result.plan.map(sayPlanned).join('\n')}\n`)
  if (!values.quiet) process.stdout.write(result.log)
  console.log(`\nSeed ${seed}: ${say(result.counts)}; log ${result.logSha256}`)
  if (!result.breach) console.log('Every invariant held.')
  else console.log(`BROKEN: ${result.breach.message}\nAgain: ${reproduce(seed)}`)
  return result.breach === null
}

async function many(first: number, count: number): Promise<boolean> {
  const began = Date.now()
  const total: Record<string, number> = {}
  let next = first
  let virtualMs = 0
  const broken: Verdict[] = []
  const args = ['--worker', '--minutes', String(minutes)]
  const workers = Array.from({ length: Math.min(count, availableParallelism()) }, () =>
    fork(import.meta.filename, args, { execArgv: process.execArgv }),
  )
  const work = (worker: ChildProcess): Promise<void> =>
    new Promise((resolve, reject) => {
      const give = (): void => {
        if (next < first + count) worker.send(next++)
        else worker.disconnect()
      }
      worker.on('message', (message) => {
        const verdict = message as Verdict
        sum(total, verdict.counts)
        virtualMs += verdict.virtualMs
        if (verdict.breach) {
          broken.push(verdict)
          console.log(`seed ${verdict.seed}: ${verdict.breach}\n  ${reproduce(verdict.seed)}`)
        }
        give()
      })
      worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))))
      give()
    })
  await Promise.all(workers.map(work))
  const hours = (virtualMs / 3_600_000).toFixed(1)
  console.log(
    `${count} seeds, ${hours} h of virtual time in ${((Date.now() - began) / 1000).toFixed(0)} s: ${say(total)}`,
  )
  console.log(
    broken.length === 0 ? 'Every invariant held.' : `${broken.length} of ${count} seeds broke an invariant.`,
  )
  return broken.length === 0
}

if (values.help) {
  console.log(usage)
} else if (values.worker) {
  process.on('message', (seed) => {
    runWorkload({ seed: Number(seed), minutes }).then(
      (result) => process.send!(verdictOf(result)),
      (error: Error) =>
        process.send!({ seed: Number(seed), breach: `it threw: ${error.stack}`, counts: {}, virtualMs: 0 }),
    )
  })
} else {
  const fine = values.seed
    ? await one(number(values.seed, 'seed'))
    : await many(number(values.from, 'from'), number(values.seeds ?? '50', 'seeds'))
  process.exitCode = fine ? 0 : 1
}
