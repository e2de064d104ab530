import { writeFileSync } from 'node:fs'
import { CliError, type ExitCode, exitCodes } from '../../exit'
import { createOutput } from '../../output/output'
import { readProblem } from './problem'
import { searchSideBySide } from './threads'

/** Time to start, before our clock, and to write the result and end, after it. */
const reserveMs = (budget: number): number => Math.min(1_000, 100 + 0.1 * budget)

export interface ReassignFilesOptions {
  out: string
  budget: number
  proposals?: number
  seed: number
  threads: number
  output: 'table' | 'json'
}

/** Solves the problem in two files and writes the new assignment to a third. */
export async function reassignFiles(
  model: string,
  assignment: string,
  options: ReassignFilesOptions,
): Promise<ExitCode> {
  const out = createOutput(options.output)
  try {
    const problem = readProblem(model, assignment)
    const { budget, seed, proposals: limit, threads } = options
    const endAt = performance.timeOrigin + budget - reserveMs(budget)
    const work = { model, assignment, seed, endAt, proposals: limit }
    const { at, cost, initialCost, bound, proposals } = await searchSideBySide(problem, work, threads)
    write(options.out, at)
    const moved = at.filter((machine, p) => machine !== problem.initial[p]).length
    const ms = Math.round(performance.now())
    const share = initialCost === 0 ? 0 : ((initialCost - cost) / initialCost) * 100
    out.say(
      `Cost ${cost}, ${share.toFixed(2)} % below the initial ${initialCost}; no assignment can cost less than ${bound}. ` +
        `${moved} of ${problem.processes} processes move. ${(proposals / 1e6).toFixed(1)} million proposals, ${(ms / 1_000).toFixed(1)} s.`,
      { cost, initialCost, bound, moved, processes: problem.processes, proposals, ms },
    )
    return exitCodes.ok
  } catch (error) {
    const failure =
      error instanceof CliError ? error : new CliError(exitCodes.usage, (error as Error).message)
    out.error(failure)
    return failure.code
  }
}

function write(path: string, at: Int32Array): void {
  try {
    writeFileSync(path, `${at.join(' ')}\n`)
  } catch (error) {
    throw new CliError(exitCodes.usage, `${path} cannot be written: ${(error as Error).message}.`)
  }
}
