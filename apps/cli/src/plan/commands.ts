import type { Command } from 'commander'
import { Option } from 'commander'
import { duration, integer, share } from '../output/quantity'
import { type BalanceFileOptions, balanceFile } from './balance'

const help = `
Reads a cluster file (bal-cluster/1) and works without a server. Every move fits on its target while its source still
holds it, and breaks no rule that holds. With --output json: the moves in order, scores before and after, and with
--explain for every host that was not chosen the first reason why not.`

/** `drover plan …`: the planner on a cluster in a file, without a server. */
export function planCommands(program: Command): void {
  const plan = program.command('plan').description('the planner on a cluster in a file, without a server')
  plan
    .command('balance')
    .description('which moves even out the load')
    .argument('<file>', 'a cluster file')
    .addOption(
      new Option('--aim <aim>', 'even loads, or only no overloads, with the fewest moves')
        .choices(['spread', 'overload'])
        .default('spread'),
    )
    .option('--cpu <share>', 'how far apart hosts may be by CPU', share, 0.05)
    .option('--memory <share>', 'how far apart hosts may be by memory', share, 0.1)
    .option('--ignore-memory', 'memory limits where VMs may go, and is not evened out')
    .option('--limit <share>', 'a host that uses more of its CPU is overloaded', share, 1)
    .option('--max-moves <n>', 'no more moves than this', integer)
    .option('--budget <time>', 'stop with what is found by then', duration)
    .option(
      '--seed <n>',
      'accepted for scripts; the planner draws nothing and always answers the same',
      integer,
    )
    .option('--explain', 'say for every host that was not chosen why not')
    .addHelpText('after', help)
    .action((file: string, _options: unknown, command: Command) => {
      process.exitCode = balanceFile(file, command.optsWithGlobals<BalanceFileOptions>())
    })
}
