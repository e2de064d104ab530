import { Worker, type WorkerOptions } from 'node:worker_threads'
import type { Backtester, BacktestQuestion, Log } from '@drover/control'
import type { Backtest, LoadRules } from '@drover/model'
import type { Recorded, SideResult, Yardstick } from '@drover/planner/backtest'

/** What a thread of a backtest is started for: all of it, or some of the sides over what the first has read. */
export type Work =
  | { role: 'whole'; databaseUrl: string; question: BacktestQuestion }
  | { role: 'sides'; recorded: Recorded; rules: (LoadRules | null)[]; yardstick: Yardstick }

/** What it says: how much is done, and at last what came of it. */
export type Said =
  | { share: number }
  | { backtest: Backtest }
  | { sides: SideResult[] }
  | { warning: string; fields: Record<string, unknown> }

export interface BacktestThreads extends Backtester {
  /** Ends what runs. */
  stop(): Promise<void>
}

/**
 * Runs backtests on threads of their own, which read what was recorded by a connection of their own. A thread that is
 * cancelled or dies takes its backtest along, and nothing else.
 */
export function backtestThreads(databaseUrl: string, log: Log): BacktestThreads {
  const running = new Set<Worker>()
  return {
    run(question, progress) {
      const worker = startWork({ role: 'whole', databaseUrl, question })
      running.add(worker)
      const result = new Promise<Backtest>((resolve, reject) => {
        worker.on('message', (said: Said) => {
          if ('share' in said) progress(said.share)
          if ('warning' in said) log.warn(said.warning, said.fields)
          if ('backtest' in said) resolve(said.backtest)
        })
        worker.on('error', reject)
        worker.on('exit', () => {
          running.delete(worker)
          reject(new Error('The backtest was ended before it was done.'))
        })
      })
      // Whoever cancels does not wait for it.
      result.catch(() => {})
      return { result, cancel: () => void worker.terminate() }
    },
    async stop() {
      await Promise.all([...running].map((worker) => worker.terminate()))
    },
  }
}

/** Pictures of a cluster come and go by the thousand: with less than this, sweeping them up takes a sixth of the time. */
const maxYoungGenerationSizeMb = 192

/** The thread's program is a bundle beside this one; where this file is run as its source, so is that one. */
export function startWork(work: Work): Worker {
  const { url } = import.meta
  const options: WorkerOptions = { workerData: work, resourceLimits: { maxYoungGenerationSizeMb } }
  if (!url.endsWith('.ts')) return new Worker(new URL('./backtestWorker.js', url), options)
  const tsx = import.meta.resolve('tsx/esm/api')
  const source = new URL('./worker.ts', url).href
  const imported = (from: string) => `import(${JSON.stringify(from)})`
  const begin = `${imported(tsx)}.then(({ register }) => { register(); return ${imported(source)} })`
  return new Worker(begin, { ...options, eval: true, execArgv: [] })
}
