import { type ChildProcess, fork } from 'node:child_process'
import { setTimeout as delay, setImmediate } from 'node:timers/promises'
import { type Problem, type Reassigned, reassign, reassignInSteps } from '@drover/planner/reassign'
import { readProblem } from './problem'

/** Where the problem is, and how long to search. */
export interface SearchWork {
  model: string
  assignment: string
  seed: number
  /** Which of the planner's ways to search comes first. */
  way?: number
  /** When this must be done, epoch milliseconds. */
  endAt: number
  /** So many proposals instead. */
  proposals?: number
}

/** Processes times machines up to which a first look, which may be all, is quicker than the start of another process. */
const small = 20_000

/** Longest wait for another process after its time: it looks at the clock every few milliseconds. */
const patienceMs = 300
/** The same after it was told to stop: it may be reading still. */
const stoppedMs = 1_000
/** Between two looks at what was heard meanwhile. */
const breathMs = 20

/** Somebody may want the search to end now: with the best so far. */
export interface Stop {
  asked: boolean
  /** Called when it is asked. */
  also: (() => void)[]
}

/**
 * Searches from so many seeds at a time and returns the best. One search runs here, each other one in a process of this
 * program that reads the files itself; one that is late or fails is left out.
 */
export async function searchSideBySide(
  problem: Problem,
  work: SearchWork,
  width: number,
  stop: Stop,
): Promise<Reassigned> {
  if (problem.processes * problem.machines <= small) {
    const first = reassign(problem, { seed: work.seed, elapsed: (made) => (made > 0 ? 1 : 0) })
    if (first.cost <= first.bound) return first
  }
  const others = Array.from({ length: width - 1 }, (_, i) =>
    start({ ...work, seed: work.seed + (i + 1) * 1_000_003, way: i + 1 }),
  )
  stop.also.push(() => {
    for (const { child } of others) if (child.connected) child.send('stop')
  })
  const own = await search(problem, work, stop)
  const patience = stop.asked ? stoppedMs : Math.max(0, work.endAt + patienceMs - Date.now())
  const late = work.proposals && !stop.asked ? null : delay(patience, null, { ref: false })
  const found =
    own.cost <= own.bound
      ? []
      : await Promise.all(others.map(({ answer }) => (late ? Promise.race([answer, late]) : answer)))
  for (const { child } of others) child.kill('SIGKILL')
  const all = [own, ...found.filter((one) => one !== null)]
  const best = all.reduce((least, one) => (one.cost < least.cost ? one : least))
  return { ...best, proposals: all.reduce((sum, one) => sum + one.proposals, 0) }
}

/** Searches, and now and then listens to what came from outside. */
async function search(
  problem: Problem,
  { seed, way, endAt, proposals }: SearchWork,
  stop: Stop,
): Promise<Reassigned> {
  const startAt = Date.now()
  const elapsed = proposals
    ? (made: number) => made / proposals
    : () => (Date.now() - startAt) / (endAt - startAt)
  const isOver = () => stop.asked || startAt >= endAt
  const steps = reassignInSteps(problem, { seed, way, elapsed: (made) => (isOver() ? 1 : elapsed(made)) })
  for (let heardAt = startAt; ; ) {
    const { done, value } = steps.next()
    if (done) return value
    if (Date.now() - heardAt < breathMs) continue
    await setImmediate()
    heardAt = Date.now()
  }
}

interface Other {
  child: ChildProcess
  /** What it found; null when it ends without. */
  answer: Promise<Reassigned | null>
}

function start(work: SearchWork): Other {
  const child = fork(process.argv[1]!, ['bench', 'reassign-work'], {
    execArgv: process.execArgv,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const answer = new Promise<Reassigned | null>((resolve) => {
    child.on('message', (found) => resolve(found as Reassigned))
    child.on('exit', () => resolve(null))
    child.on('error', () => resolve(null))
  })
  child.send(work)
  return { child, answer }
}

/** The life of such a process: one search. */
export function serveSearch(): void {
  const stop: Stop = { asked: false, also: [] }
  // Whoever stops this program stops all of its processes: what that means, the first one says.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
  process.on('message', async (message: SearchWork | 'stop') => {
    if (message === 'stop') {
      stop.asked = true
      return
    }
    const found = await search(readProblem(message.model, message.assignment), message, stop)
    process.send?.(found, () => process.exit(0))
  })
  process.on('disconnect', () => process.exit(0))
}
