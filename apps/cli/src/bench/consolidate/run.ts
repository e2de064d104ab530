import { readFileSync, writeFileSync } from 'node:fs'
import { sayCount } from '@drover/model'
import { CliError, type ExitCode, exitCodes } from '../../exit'
import { createOutput } from '../../output/output'
import { consolidateTrace } from './play'
import { readTrace } from './trace'

/** Reads a day, decides its migrations and writes them. */
export function benchConsolidate(trace: string, file: string, output: 'table' | 'json'): ExitCode {
  const out = createOutput(output)
  try {
    const vms = readTrace(readFileSync(trace, 'utf8'))
    const began = performance.now()
    const moves = consolidateTrace(vms)
    const plannedMs = Math.round(performance.now() - began)
    writeFileSync(file, moves.map(({ step, vm, host }) => `${step},${vm},${host}\n`).join(''))
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
