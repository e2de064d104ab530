import type { Command } from 'commander'
import { integer, share } from '../../output/quantity'

const help = `
The trace is a day of PlanetLab: a line for each VM, its name and 288 samples of its CPU in percent. Host and VM kinds are
those of the benchmark. The file gets a line for each migration: step,vm,host, counted from 0. What is decided at a
step rests on the samples up to then; the planner is the one that decides for clusters.`

/** `drover bench consolidate TRACE.csv --moves FILE`: which VMs move where, over a day of recorded demand. */
export function consolidateCommand(bench: Command): void {
  bench
    .command('consolidate')
    .description('a recorded day on as few hosts as will do')
    .argument('<trace>', 'a CSV file of a day')
    .requiredOption('--moves <file>', 'where the migrations are written')
    .option('--migrations <n>', 'no more than this on the day; 1990 unless said otherwise', integer)
    .option(
      '--over <share>',
      'hosts may be over their limit for this share of their time; 0.18% unless said otherwise',
      share,
    )
    .option(
      '--seed <n>',
      'accepted for scripts; the planner draws nothing and always answers the same',
      integer,
    )
    .addHelpText('after', help)
    .action(async (trace: string, _options: unknown, command: Command) => {
      const { benchConsolidate } = await import('./run')
      process.exitCode = benchConsolidate(trace, command.optsWithGlobals())
    })
}
