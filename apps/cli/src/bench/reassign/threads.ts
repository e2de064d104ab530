import { type ChildProcess, fork } from 'node:child_process'
import { type Problem, type Reassigned, reassign } from '@drover/planner/reassign'
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

/**
 * Searches from so many seeds at a time and returns the best. One search runs here, each other one in a process of this
 * program that reads the files itself; one that is late or fails is left out.
 */
export async function searchSideBySide(
  problem: Problem,
  work: SearchWork,
  width: number,
): Promise<Reassigned> {
  if (problem.processes * problem.machines <= small) {
    const first = reassign(problem, { seed: work.seed, elapsed: (made) => (made > 0 ? 1 : 0) })
    if (first.cost <= first.bound) return first
  }
  const others = Array.from({ length: width - 1 }, (_, i) =>
    start({ ...work, seed: work.seed + (i + 1) * 1_000_003, way: i + 1 }),
  )
  const own = search(problem, work)
  const patience = work.proposals ? null : Math.max(0, work.endAt + patienceMs - Date.now())
  const found =
    own.cost <= own.bound ? [] : await Promise.all(others.map((other) => answerOf(other, patience)))
  for (const other of others) other.kill()
  const all = [own, ...found.filter((one) => one !== null)]
  const best = all.reduce((least, one) => (one.cost < least.cost ? one : least))
  return { ...best, proposals: all.reduce((sum, one) => sum + one.proposals, 0) }
}

function search(problem: Problem, { seed, way, endAt, proposals }: SearchWork): Reassigned {
  const startAt = Date.now()
  const elapsed = proposals
    ? (made: number) => made / proposals
    : () => (Date.now() - startAt) / (endAt - startAt)
  return reassign(problem, { seed, way, elapsed: (made) => (startAt >= endAt ? 1 : elapsed(made)) })
}

function start(work: SearchWork): ChildProcess {
  const child = fork(process.argv[1]!, ['bench', 'reassign-work'], {
    execArgv: process.execArgv,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  child.send(work)
  return child
}

/** What a process found; null when it ends without, or keeps us waiting. */
function answerOf(child: ChildProcess, patience: number | null): Promise<Reassigned | null> {
  return new Promise((resolve) => {
    child.on('message', (answer) => resolve(answer as Reassigned))
    child.on('exit', () => resolve(null))
    child.on('error', () => resolve(null))
    if (patience !== null) setTimeout(() => resolve(null), patience).unref()
  })
}

/** The life of such a process: one search. */
export function serveSearch(): void {
  process.on('message', (work: SearchWork) => {
    const found = search(readProblem(work.model, work.assignment), work)
    process.send?.(found, () => process.exit(0))
  })
  process.on('disconnect', () => process.exit(0))
}
