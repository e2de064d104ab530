import { Command, Option } from 'commander'
import { exitCodes } from '../exit'
import { benchCommands } from './commands'

/** The command line of `drover bench …` alone. */
export function createProgram(): Command {
  const program = new Command('drover')
    .addOption(
      new Option('-o, --output <format>', 'how to print results').choices(['table', 'json']).default('table'),
    )
    .showSuggestionAfterError()
  benchCommands(program)
  exitWith(program)
  return program
}

function exitWith(command: Command): void {
  command.exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage))
  for (const child of command.commands) exitWith(child)
}
