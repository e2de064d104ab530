import { type Command, InvalidArgumentError } from 'commander'
import { duration, integer } from '../../output/quantity'

const help = `
Solves Google's machine reassignment problem (ROADEF/EURO challenge 2012). Both files are in the format of the
challenge, and so is what is written: the machine of every process. Reading and starting count towards the budget.
Stopped by Ctrl-C or SIGTERM, it writes the best so far and ends with 6.`

/** `drover bench reassign …`: works without a server. */
export function reassignCommand(bench: Command): void {
  bench
    .command('reassign')
    .description('move processes between machines so that the cost falls')
    .argument('<model>', 'machines, services and processes')
    .argument('<assignment>', 'where every process stands now')
    .requiredOption('--out <file>', 'write the new assignment here')
    .option('--budget <time>', 'be done by then', duration, 60_000)
    .option(
      '--proposals <n>',
      'stop after so many proposals of each thread: the same result every time',
      count,
    )
    .option('--seed <n>', 'of the random numbers', integer, 1)
    .option('--threads <n>', 'searches side by side', count, 2)
    .addHelpText('after', help)
    .action(async (model: string, assignment: string, _options: unknown, command: Command) => {
      const { reassignFiles } = await import('./files')
      process.exitCode = await reassignFiles(model, assignment, command.optsWithGlobals())
    })
  bench.command('reassign-work', { hidden: true }).action(async () => {
    const { serveSearch } = await import('./threads')
    serveSearch()
  })
}

function count(text: string): number {
  const number = integer(text)
  if (number < 1) throw new InvalidArgumentError('Give a whole number from 1.')
  return number
}
