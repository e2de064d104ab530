import type { Acted, Done } from '@drover/api'
import type { Command } from 'commander'
import type { Context } from './context'
import { CliError, exitCodes } from './exit'
import { sayPlan } from './plan'
import { ending, follow } from './task/watch'

export interface ActingOptions {
  dryRun?: boolean
  reason?: string
  wait: boolean
}

/** The options of every command that acts. */
export function actingOptions(command: Command): Command {
  return command
    .option('--dry-run', 'say what would happen and every reason against it; change nothing')
    .option('--reason <text>', 'why, for history')
    .option('--no-wait', 'answer as soon as the task is accepted')
}

/** The options of a change that is made at once. */
export function changeOptions(command: Command): Command {
  return command
    .option('--dry-run', 'only find out whether it may be done')
    .option('--reason <text>', 'why, for history')
}

/** Shows the plan of a dry run, or follows the task to its end. */
export async function finish(
  { api, out }: Context,
  acted: Acted,
  options: ActingOptions,
  name: string,
): Promise<void> {
  if (options.dryRun) {
    out.say(sayPlan(acted.plan, name), acted)
    if (!acted.plan.verdict.ok) process.exitCode = exitCodes.refused
    return
  }
  if (acted.taskId === null) return out.say(`${name} was changed.`, acted)
  if (!options.wait) return out.say(`Accepted. Follow it with: drover task watch ${acted.taskId}`, acted)
  const task = await follow(api, acted.taskId)
  const { sentence, code } = ending(task)
  out.say(sentence, task)
  process.exitCode = code
}

/** Says that a change was made, or on a dry run that it may be. */
export function finishChange({ out }: Context, { done }: Done, sentence: string): void {
  out.say(done ? sentence : 'Nothing stands against it. Nothing was changed.', { done })
}

/** Has a dangerous command confirmed: by the object's name as an option, or typed at a terminal. */
export async function confirmed(given: string | undefined, name: string, question: string): Promise<string> {
  if (given !== undefined) return given
  if (!process.stdin.isTTY) {
    throw new CliError(exitCodes.usage, `${question} Confirm with --confirm ${name}`)
  }
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const typed = await terminal.question(`${question} Type its name to confirm: `)
  terminal.close()
  return typed.trim()
}
