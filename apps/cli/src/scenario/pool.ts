import { type ChildProcess, fork } from 'node:child_process'
import { type Job, type Result, work } from './work'

/**
 * Runs jobs in so many worker processes of this program, and says each result as it comes, in the order of the jobs. One
 * at a time needs no other process.
 */
export async function runAll(jobs: Job[], width: number, done: (result: Result) => void): Promise<void> {
  if (width <= 1 || jobs.length <= 1) {
    for (const job of jobs) done(await work(job))
    return
  }
  const results: (Result | undefined)[] = []
  let said = 0
  let next = 0
  const serve = async (): Promise<void> => {
    let worker = start()
    for (let index = next++; index < jobs.length; index = next++) {
      const result = await ask(worker, jobs[index]!)
      if (result.kind === 'broken' && !worker.connected) worker = start()
      results[index] = result
      for (let ready = results[said]; ready; ready = results[said]) {
        done(ready)
        said++
      }
    }
    worker.disconnect()
  }
  await Promise.all(Array.from({ length: Math.min(width, jobs.length) }, serve))
}

function start(): ChildProcess {
  return fork(process.argv[1]!, ['scenario', 'work'], { execArgv: process.execArgv })
}

function ask(worker: ChildProcess, job: Job): Promise<Result> {
  return new Promise((resolve) => {
    const settle = (result: Result): void => {
      worker.off('message', answered)
      worker.off('exit', died)
      resolve(result)
    }
    const answered = (result: unknown): void => settle(result as Result)
    const died = (code: number | null): void =>
      settle({ file: job.file, ms: 0, kind: 'broken', problem: `its worker process ended with ${code}` })
    worker.on('message', answered)
    worker.on('exit', died)
    worker.send(job)
  })
}
