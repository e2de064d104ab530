import { type ChildProcess, fork } from 'node:child_process'
import type { Strike } from '@drover/simulation'
import { type Bundle, bundleWorker, type Patch } from './bundle'

/** A run of a seed, for a worker. */
export interface SeedJob {
  seed: number
  minutes: number
  /** A planted bug of the simulation's own, by name. */
  plant: string | null
  /** With few faults and requests, so that rules about load come to act. */
  calm?: boolean
}

/** A run of a story of the crash matrix, in which somebody is struck; null: nobody. */
export interface StrikeJob {
  story: string
  strike: Strike | null
}

export type Job = SeedJob | StrikeJob

/** What came of a run. */
export interface Verdict {
  checker: string | null
  breach: string | null
  counts: Record<string, number>
  virtualMs: number
}

export interface PoolOptions<J extends Job> {
  /** What is to be run, in this order. */
  jobs: readonly J[]
  /** So many at once. */
  workers: number
  patches?: readonly Patch[]
  /** Called for every run, in the order in which they end; false: no more are begun. */
  onVerdict(job: J, verdict: Verdict): boolean
}

/** Runs jobs on so many processes at once. Rejects when a worker dies. */
export async function runJobs<J extends Job>(options: PoolOptions<J>): Promise<void> {
  const { jobs, patches = [], onVerdict } = options
  const bundle: Bundle = await bundleWorker(patches)
  let next = 0
  let on = true
  const work = (worker: ChildProcess): Promise<void> =>
    new Promise((resolve, reject) => {
      let job: J
      const give = (): void => {
        if (on && next < jobs.length) {
          job = jobs[next++]!
          worker.send(job)
        } else worker.disconnect()
      }
      worker.on('message', (message) => {
        if (!onVerdict(job, message as Verdict)) on = false
        give()
      })
      worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))))
      give()
    })
  const workers = Array.from({ length: Math.max(1, Math.min(jobs.length, options.workers)) }, () =>
    fork(bundle.path, [], { execArgv: ['--enable-source-maps'] }),
  )
  try {
    await Promise.all(workers.map(work))
  } finally {
    for (const worker of workers) worker.kill()
    await bundle.remove()
  }
}

/** So many seeds from one on, as jobs; `only` those. */
export function seedJobs(
  { from, count, only = () => true }: { from: number; count: number; only?: (seed: number) => boolean },
  { minutes, plant = null, calm = false }: Partial<SeedJob> & { minutes: number },
): SeedJob[] {
  const seeds = Array.from({ length: Math.max(0, count) }, (_, i) => from + i)
  return seeds.filter(only).map((seed) => ({ seed, minutes, plant, calm }))
}
