import { Worker } from 'node:worker_threads'
import type { Log, Planner } from '@drover/control'
import type { PlanJob, PlanResult, ResultOf } from '@drover/planner'

/** What goes to the planning thread and what comes back. */
export interface Asked {
  id: number
  job: PlanJob
}
export type Answered = { id: number } & ({ ok: true; result: PlanResult } | { ok: false; message: string })

export interface PlanningThread extends Planner {
  /** Ends the thread; what was asked is rejected. */
  stop(): Promise<void>
}

/** Longer than its budget by this, and the thread is taken to hang. */
const graceMs = 30_000
/** For jobs without a budget. */
const mostMs = 10 * 60_000

interface Waiting {
  job: PlanJob
  resolve(result: PlanResult): void
  reject(error: Error): void
  /** Runs from when it is the job's turn. */
  timer?: NodeJS.Timeout
}

/**
 * Plans on a thread of its own, one job after the other. The thread is started when it is first needed; one that dies or
 * hangs takes what was asked of it along, and the next question gets a new one.
 */
export function planningThread(log: Log): PlanningThread {
  const waiting = new Map<number, Waiting>()
  let worker: Worker | null = null
  let last = 0
  let stopped = false

  function settle(id: number): Waiting | undefined {
    const one = waiting.get(id)
    waiting.delete(id)
    clearTimeout(one?.timer)
    if (waiting.size === 0) worker?.unref()
    return one
  }

  /** The thread is at the first of those that wait: from now on its time counts. */
  function watch(): void {
    const [first] = waiting.values()
    if (!first || first.timer) return
    const { kind, budgetMs } = first.job
    const ms = (budgetMs ?? mostMs) + graceMs
    first.timer = setTimeout(() => {
      log.error('the planning thread was given up', { kind, ms })
      giveUp(`No plan within ${ms / 1000} s.`)
    }, ms)
    first.timer.unref()
  }

  function giveUp(why: string): void {
    const old = worker
    worker = null
    old?.removeAllListeners()
    // Whatever a dying thread still says is nobody's business.
    old?.on('error', () => {})
    void old?.terminate()
    for (const id of [...waiting.keys()]) settle(id)?.reject(new Error(why))
  }

  function start(): Worker {
    const begun = startWorker()
    begun.on('message', (answer: Answered) => {
      const one = settle(answer.id)
      watch()
      if (answer.ok) one?.resolve(answer.result)
      else one?.reject(new Error(answer.message))
    })
    const died = (why: string) => {
      if (worker !== begun) return
      log.error('the planning thread ended', { error: why })
      giveUp(`The planning thread ended: ${why}`)
    }
    begun.on('error', (error) => died(String(error)))
    begun.on('exit', (code) => died(`exit code ${code}`))
    return begun
  }

  return {
    plan<J extends PlanJob>(job: J): Promise<ResultOf<J>> {
      if (stopped) return Promise.reject(new Error('This daemon is stopping and plans no more.'))
      worker ??= start()
      worker.ref()
      last += 1
      const id = last
      return new Promise((resolve, reject) => {
        waiting.set(id, { job, resolve: (result) => resolve(result as ResultOf<J>), reject })
        watch()
        worker!.postMessage({ id, job } satisfies Asked)
      })
    },
    async stop() {
      stopped = true
      giveUp('This daemon is stopping and plans no more.')
    },
  }
}

/** The thread's program is a bundle beside this one; where this file is run as its source, so is that one. */
function startWorker(): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./planWorker.js', import.meta.url))
  const tsx = import.meta.resolve('tsx/esm/api')
  const source = new URL('./worker.ts', import.meta.url).href
  const imported = (from: string) => `import(${JSON.stringify(from)})`
  const begin = `${imported(tsx)}.then(({ register }) => { register(); return ${imported(source)} })`
  return new Worker(begin, { eval: true, execArgv: [] })
}
