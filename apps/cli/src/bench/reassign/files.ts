import { CliError, type ExitCode, exitCodes } from '../../exit'
import { checkWritable, writeWhole } from '../../output/file'
import { createOutput } from '../../output/output'
import { readProblem } from './problem'
import { type Stop, searchSideBySide } from './threads'

/** Time to start, before our clock, and to write the result and end, after it. */
const reserveMs = (budget: number): number => Math.min(1_000, 100 + 0.1 * budget)

const signals = ['SIGINT', 'SIGTERM'] as const

export interface ReassignFilesOptions {
  out: string
  budget: number
  proposals?: number
  seed: number
  threads: number
  output: 'table' | 'json'
}

/** A signal that comes again so soon is the same one: a terminal sends it to all processes, and each hands it on. */
const sameMs = 1_000

/**
 * Solves the problem in two files and writes the new assignment to a third. SIGINT and SIGTERM end the search, not the program:
 * what has been found by then is written, and the exit code says that it was cancelled. Whoever asks twice need not wait.
 */
export async function reassignFiles(
  model: string,
  assignment: string,
  options: ReassignFilesOptions,
): Promise<ExitCode> {
  const out = createOutput(options.output)
  const stop: Stop = { asked: false, also: [] }
  let heardAt = 0
  const heard = (signal: NodeJS.Signals) => {
    if (stop.asked && Date.now() - heardAt > sameMs) process.exit(signal === 'SIGINT' ? 130 : 143)
    if (stop.asked) return
    heardAt = Date.now()
    stop.asked = true
    for (const act of stop.also) act()
  }
  for (const signal of signals) process.on(signal, heard)
  try {
    checkWritable(options.out)
    const problem = readProblem(model, assignment)
    const { budget, seed, proposals: limit, threads } = options
    const endAt = performance.timeOrigin + budget - reserveMs(budget)
    const work = { model, assignment, seed, endAt, proposals: limit }
    const { at, cost, initialCost, bound, proposals } = await searchSideBySide(problem, work, threads, stop)
    writeWhole(options.out, `${at.join(' ')}\n`)
    const moved = at.filter((machine, p) => machine !== problem.initial[p]).length
    const ms = Math.round(performance.now())
    const share = initialCost === 0 ? 0 : ((initialCost - cost) / initialCost) * 100
    out.say(
      `Cost ${cost}, ${share.toFixed(2)} % below the initial ${initialCost}; no assignment can cost less than ${bound}. ` +
        `${moved} of ${problem.processes} processes move. ${(proposals / 1e6).toFixed(1)} million proposals, ${(ms / 1_000).toFixed(1)} s.${stop.asked ? ' Stopped: this is the best so far.' : ''}`,
      { cost, initialCost, bound, moved, processes: problem.processes, proposals, ms, stopped: stop.asked },
    )
    return stop.asked ? exitCodes.cancelled : exitCodes.ok
  } catch (error) {
    const failure =
      error instanceof CliError ? error : new CliError(exitCodes.usage, (error as Error).message)
    out.error(failure)
    return failure.code
  } finally {
    for (const signal of signals) process.off(signal, heard)
  }
}
