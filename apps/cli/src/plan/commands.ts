import type { Command } from 'commander'
import { Option } from 'commander'
import { CliError, type ExitCode, exitCodes } from '../exit'
import { createOutput } from '../output/output'
import { duration, integer, share } from '../output/quantity'
import { type BalanceFileOptions, planBalance, type Told } from './balance'
import { planConsolidate } from './consolidate'
import { type EmptyOptions, planEvacuate, planFailover } from './empty'
import { type PlanCase, readCase } from './file'

const help = `
Reads a cluster file, drover-cluster/1 (written by drover cluster export NAME) or bal-cluster/1, and works without a
server. Every move fits on its target while its source still holds it, and breaks no rule that holds. With --explain: for
every host that was not chosen the first reason why not.`

/** What a seed is good for where plans are made cheaper at random. */
const drawn = 'of the random numbers with which plans are made cheaper; left out: always the same'

interface Common {
  output: 'table' | 'json'
  budget?: number
  explain?: boolean
}

/** `drover plan …`: the planner on a cluster in a file, without a server. */
export function planCommands(program: Command): void {
  const plan = program.command('plan').description('the planner on a cluster in a file, without a server')
  const command = <O extends Common>(
    name: string,
    description: string,
    ask: (asked: PlanCase, options: O) => Told,
    seed = 'for scripts: nothing is drawn at random here, so it changes nothing',
  ): Command =>
    plan
      .command(name)
      .description(description)
      .argument('<file>', 'a cluster file')
      .option('--budget <time>', 'stop with what is found by then', duration)
      .option('--seed <n>', seed, integer)
      .option('--explain', 'say for every host that was not chosen why not')
      .addHelpText('after', help)
      .action((file: string, _options: unknown, self: Command) => {
        process.exitCode = planFile(file, self.optsWithGlobals<O>(), ask)
      })
  command<BalanceFileOptions & Common>('balance', 'which moves even out the load', planBalance, drawn)
    .addOption(
      new Option('--aim <aim>', 'even loads, or only no overloads, with the fewest moves').choices([
        'spread',
        'overload',
      ]),
    )
    .option('--cpu <share>', 'how far apart hosts may be by CPU', share)
    .option('--memory <share>', 'even memory out too: how far apart hosts may be by it', share)
    .option('--limit <share>', 'a host that uses more of its CPU is overloaded', share)
    .option('--limit-memory <share>', 'a host that uses more of its memory is overloaded', share)
    .option('--max-moves <n>', 'no more moves than this', integer)
  command<EmptyOptions & Common>(
    'evacuate',
    'where everything goes that runs on a host',
    planEvacuate,
  ).option('--host <names...>', 'the host to be emptied; several: all of them')
  command<Common>('consolidate', 'which hosts can be emptied and switched off', planConsolidate)
  command<EmptyOptions & Common>('failover', 'where VMs start again when hosts fail', planFailover)
    .option('--host <names...>', 'these hosts fail at once; left out: one after the other')
    .option('--failures <n>', 'whether any so many may fail at once; as the file says', integer)
}

/** Plans for the cluster in a file and prints the answer. */
export function planFile<O extends Common>(
  path: string,
  options: O,
  ask: (asked: PlanCase, options: O) => Told,
): ExitCode {
  try {
    const { text, json, lacking = false } = ask(readCase(path), options)
    for (const piece of options.output === 'json' ? json : text) process.stdout.write(piece)
    return lacking ? exitCodes.refused : exitCodes.ok
  } catch (error) {
    const failure =
      error instanceof CliError ? error : new CliError(exitCodes.usage, (error as Error).message)
    createOutput(options.output).error(failure)
    return failure.code
  }
}
