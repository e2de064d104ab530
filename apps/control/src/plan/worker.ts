import { parentPort, threadId } from 'node:worker_threads'
import { runPlanJob } from '@drover/planner'
import type { Answered, Asked } from './planner'

/** The life of the planning thread: one job after the other, each within its budget. */
if (!parentPort) throw new Error(`Thread ${threadId} was not started as a planning thread.`)
const port = parentPort
port.on('message', ({ id, job }: Asked) => {
  const until = job.budgetMs === null ? Number.POSITIVE_INFINITY : performance.now() + job.budgetMs
  let answer: Answered
  try {
    answer = { id, ok: true, result: runPlanJob(job, () => performance.now() < until) }
  } catch (error) {
    answer = { id, ok: false, message: (error as Error).stack ?? String(error) }
  }
  port.postMessage(answer)
})
