import type { Refusal } from '@drover/model'

/** What a script can tell apart. Part of the interface: never renumber. */
export const exitCodes = {
  ok: 0,
  /** The task ran and failed; it said why. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** Drover refused, with every reason. */
  refused: 3,
  /** There is no object of that name or id, or several of that name. */
  notFound: 4,
  /** No answer from the server, or not signed in. */
  unreachable: 5,
  /** The task was cancelled. */
  cancelled: 6,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Ends the command with a sentence for people and a code for scripts. */
export class CliError extends Error {
  constructor(
    readonly code: ExitCode,
    message: string,
    readonly refusals: Refusal[] = [],
  ) {
    super(message)
    this.name = 'CliError'
  }
}
