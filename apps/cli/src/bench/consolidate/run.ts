import { sayCount } from '@drover/model'
import { CliError, type ExitCode, exitCodes } from '../../exit'
import { checkWritable, writeWhole } from '../../output/file'
import { createOutput } from '../../output/output'
import { textOf } from '../../output/read'
import { consolidateTrace, traceGoal, traceLimits } from './play'
import { readTrace } from './trace'

export interface BenchConsolidateOptions {
  /** Where the migrations are written. */
  moves: string
  /** What the day may cost: so many migrations, and the share of time that hosts may be over their limit. */
  migrations?: number
  over?: number
  output: 'table' | 'json'
}

/** Reads a day, decides its migrations and writes them. */
export function benchConsolidate(trace: string, options: BenchConsolidateOptions): ExitCode {
  const { moves: file, migrations = traceLimits.moves, over = traceLimits.overTime } = options
  const out = createOutput(options.output)
  try {
    checkWritable(file)
    const vms = readTrace(textOf(trace), trace)
    const began = performance.now()
    const moves = consolidateTrace(vms, traceGoal, { moves: migrations, overTime: over })
    const plannedMs = Math.round(performance.now() - began)
    writeWhole(file, moves.map(({ step, vm, host }) => `${step},${vm},${host}\n`).join(''))
    out.say(`${sayCount(moves.length, 'migration')} of ${sayCount(vms.length, 'VM')} written to ${file}.`, {
      vms: vms.length,
      migrations: moves.length,
      plannedMs,
    })
    return exitCodes.ok
  } catch (error) {
    const failure =
      error instanceof CliError ? error : new CliError(exitCodes.usage, (error as Error).message)
    out.error(failure)
    return failure.code
  }
}
