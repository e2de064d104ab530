import { type Command, CommanderError } from 'commander'
import { type Client, createClient, explain, serverUrl, tokenFor } from './client'
import { CliError, exitCodes } from './exit'
import { createOutput, type Output } from './output/output'

/** What every command works with. */
export interface Context {
  server: string
  api: Client
  out: Output
}

type Options = Record<string, unknown>

/** Wraps a command: gives it the API and the output, and turns failures into sentences and exit codes. */
export function runs<A extends unknown[], O extends object = Options>(
  work: (context: Context, options: O, ...args: A) => Promise<void>,
) {
  return async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command
    const options = command.optsWithGlobals() as O & { output: 'table' | 'json' }
    const out = createOutput(options.output)
    let server = ''
    try {
      server = serverUrl()
      const token = tokenFor(server)
      const api = createClient(server, token ? { authorization: `Bearer ${token}` } : {})
      await work({ server, api, out }, options, ...(command.processedArgs as A))
    } catch (error) {
      // What an option turns down while the command runs already: as wrong as what it turns down before.
      const failure =
        error instanceof CommanderError
          ? new CliError(exitCodes.usage, error.message)
          : explain(error, server)
      out.error(failure)
      process.exitCode = failure.code
    }
  }
}

/** The value of an option that has to be given. */
export function required<T>(value: T | null | undefined, problem: string): T {
  if (value === null || value === undefined) throw new CliError(exitCodes.usage, problem)
  return value
}
