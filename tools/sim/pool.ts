import { type ChildProcess, fork } from 'node:child_process'
import { type Bundle, bundleWorker, type Patch } from './bundle'

/** One run, for a worker. */
export interface Job {
  seed: number
  minutes: number
  /** A planted bug of the simulation's own, by name. */
  plant: string | null
}

/** What came of it. */
export interface Verdict {
  seed: number
  checker: string | null
  breach: string | null
  counts: Record<string, number>
  virtualMs: number
}

export interface PoolOptions {
  from: number
  count: number
  jobs: number
  minutes: number
  patches?: readonly Patch[]
  plant?: string | null
  /** Only those of them; all when absent. */
  only?(seed: number): boolean
  /** Called for every run, in the order in which they end; false: no more are begun. */
  onVerdict(verdict: Verdict): boolean
}

/** Runs seeds on so many processes at once. Rejects when a worker dies. */
export async function runSeeds(options: PoolOptions): Promise<void> {
  const { from, count, jobs, minutes, patches = [], plant = null, onVerdict } = options
  const bundle: Bundle = await bundleWorker(patches)
  const seeds = Array.from({ length: count }, (_, i) => from + i).filter(options.only ?? (() => true))
  let next = 0
  let on = true
  const work = (worker: ChildProcess): Promise<void> =>
    new Promise((resolve, reject) => {
      const give = (): void => {
        if (on && next < seeds.length) worker.send({ seed: seeds[next++]!, minutes, plant } satisfies Job)
        else worker.disconnect()
      }
      worker.on('message', (message) => {
        if (!onVerdict(message as Verdict)) on = false
        give()
      })
      worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))))
      give()
    })
  const workers = Array.from({ length: Math.max(1, Math.min(seeds.length, jobs)) }, () =>
    fork(bundle.path, [], { execArgv: ['--enable-source-maps'] }),
  )
  try {
    await Promise.all(workers.map(work))
  } finally {
    for (const worker of workers) worker.kill()
    await bundle.remove()
  }
}
