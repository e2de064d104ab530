import {
  sayDuration,
  sayInitiator,
  sayOutcome,
  sayTask,
  sayWaiting,
  type Task,
  taskStateWords,
} from '@drover/model'
import type { Command } from 'commander'
import { changeOptions, finishChange } from '../acting'
import { type Context, runs } from '../context'
import { CliError, exitCodes } from '../exit'
import { findHost } from '../host/find'
import { integer, sayTime } from '../output/quantity'
import { findVm } from '../vm/find'
import { ending, follow } from './watch'

const idOf = (given: string): `task-${number}` => {
  const id = /^\d+$/.test(given) ? `task-${given}` : given
  if (!/^task-\d+$/.test(id))
    throw new CliError(exitCodes.usage, `${given} is not the id of a task, such as task-17.`)
  return id as `task-${number}`
}

/** `drover task …` */
export function taskCommands(program: Command): void {
  const task = program.command('task').description('work that was asked for')

  task
    .command('list')
    .description('newest first')
    .option('--vm <vm>', 'only on this VM')
    .option('--host <host>', 'only at this host')
    .option('--open', 'only what has not ended')
    .option('--limit <n>', 'how many', integer, 30)
    .action(
      runs<[], { vm?: string; host?: string; open?: boolean; limit: number }>(
        async ({ api, out }, options) => {
          const vmId = options.vm === undefined ? undefined : (await findVm(api, options.vm)).id
          const hostId = options.host === undefined ? undefined : (await findHost(api, options.host)).id
          const { tasks } = await api.task.list.query({
            vmId,
            hostId,
            open: options.open,
            limit: options.limit,
          })
          out.rows(
            tasks,
            [
              { title: 'id', of: (row) => row.id },
              { title: 'what', of: sayTask },
              { title: 'state', of: (row) => taskStateWords[row.state] },
              { title: 'by', of: (row) => sayInitiator(row.initiator) },
              { title: 'asked', of: (row) => sayTime(row.createdAt) },
              { title: 'took', of: took, right: true },
              { title: 'outcome', of: now },
            ],
            'There is no task that matches.',
          )
        },
      ),
    )

  task
    .command('show')
    .description('one task with its steps')
    .argument('<task>', 'id of the task')
    .action(
      runs<[string]>(async ({ api, out }, _options, given) => {
        const shown = await api.task.show.query({ taskId: idOf(given) })
        const row = shown.task
        out.one(shown, [
          ['task', `${row.id}: ${sayTask(row)}`],
          ['state', taskStateWords[row.state]],
          ['by', sayInitiator(row.initiator)],
          ['reason', row.reason],
          ['asked', sayTime(row.createdAt)],
          ['took', took(row)],
          ...row.steps.map((step, i) => {
            const ms = step.startedAt !== null && step.endedAt !== null ? step.endedAt - step.startedAt : null
            return [
              `step ${i + 1}`,
              `${step.name}: ${step.state}${ms === null ? '' : `, ${sayDuration(ms)}`}`,
            ] as const
          }),
          ['outcome', now(row)],
        ])
      }),
    )

  task
    .command('watch')
    .description('follow a task to its end; the exit code says how it ended')
    .argument('<task>', 'id of the task')
    .action(
      runs<[string]>(async ({ api, out }: Context, _options, given) => {
        const ended = await follow(api, idOf(given))
        const { sentence, code } = ending(ended)
        out.say(sentence, ended)
        process.exitCode = code
      }),
    )

  changeOptions(
    task.command('cancel').description('ask a task to stop').argument('<task>', 'id of the task'),
  ).action(
    runs<[string], { reason?: string; dryRun?: boolean }>(async (context, { reason, dryRun }, given) => {
      const taskId = idOf(given)
      const done = await context.api.task.cancel.mutate({ taskId, reason, dryRun })
      finishChange(context, done, `${taskId} was asked to stop. Follow it with: drover task watch ${taskId}`)
    }),
  )

  changeOptions(
    task
      .command('give-up')
      .description('wait no longer for a silent host; what it did is asked when it is back')
      .argument('<task>', 'id of the task'),
  ).action(
    runs<[string], { reason?: string; dryRun?: boolean }>(async (context, { reason, dryRun }, given) => {
      const taskId = idOf(given)
      const done = await context.api.task.giveUp.mutate({ taskId, reason, dryRun })
      finishChange(context, done, `${taskId} was given up. Its VM may be acted on again.`)
    }),
  )
}

const took = (row: Task) =>
  row.startedAt !== null && row.endedAt !== null ? sayDuration(row.endedAt - row.startedAt) : null

const now = (row: Task) =>
  row.outcome ? sayOutcome(row.outcome) : row.waiting ? sayWaiting(row.waiting, Date.now()) : null
