import {
  type DecisionReplay,
  decisionStates,
  type LoadDecision,
  type LoadScore,
  sayBytes,
  sayPercent,
} from '@drover/model'
import { type Command, InvalidArgumentError } from 'commander'
import { changeOptions, finishChange } from '../acting'
import { readRules } from '../cluster/rules'
import { runs } from '../context'
import { CliError, exitCodes } from '../exit'
import { Inventory } from '../inventory'
import { integer, sayTime } from '../output/quantity'
import { table } from '../output/table'

interface ChangeOptions {
  dryRun?: boolean
  reason?: string
}

/** `drover decision …`: recommendations, and what rules did by themselves. */
export function decisionCommands(program: Command): void {
  const decision = program
    .command('decision')
    .description('recommendations about load, and what rules did by themselves, with their reasons')

  decision
    .command('list')
    .description('newest first')
    .option('--cluster <cluster>', 'only of this cluster')
    .option('--open', 'only what is recommended or under way')
    .option('--limit <n>', 'so many at most', integer)
    .action(
      runs<[], { cluster?: string; open?: boolean; limit?: number }>(async ({ api, out }, options) => {
        const inventory = await Inventory.of(api)
        const clusterId = options.cluster === undefined ? undefined : inventory.cluster(options.cluster).id
        const { open = false, limit = 50 } = options
        const listed = await api.decision.list.query({ clusterId, open, limit })
        out.rows(
          listed,
          [
            { title: 'at', of: ({ at }) => sayTime(at) },
            { title: 'rule', of: ({ by }) => by.name },
            { title: 'how', of: (row) => (row.automatic ? 'by itself' : (row.person ?? 'recommended')) },
            { title: 'state', of: ({ state }) => state },
            { title: 'moves', of: ({ moves }) => `${moves.length}`, right: true },
            { title: 'why', of: ({ text }) => text },
            { title: 'id', of: ({ id }) => id },
          ],
          'Nothing was decided about load yet.',
        )
      }),
    )

  decision
    .command('show')
    .description('one decision, move by move')
    .argument('<decision>', 'its id')
    .option('--explain', 'say for every other host why not')
    .action(
      runs<[string], { explain?: boolean }>(async ({ api, out }, { explain }, given) => {
        const row = await api.decision.show.query({ decisionId: idOf(given) })
        out.say(sayDecision(row, explain === true), row)
      }),
    )

  changeOptions(
    decision
      .command('apply')
      .description('carry a recommendation out, all of it or some moves')
      .argument('<decision>', 'its id')
      .option('--move <n...>', 'only these moves, counted from 1 as `show` has them'),
  ).action(
    runs<[string], ChangeOptions & { move?: string[] }>(async (context, options, given) => {
      const { reason, dryRun } = options
      const moves = options.move?.map(positionOf)
      const done = await context.api.decision.carryOut.mutate({
        decisionId: idOf(given),
        moves,
        reason,
        dryRun,
      })
      const [first] = done.taskIds
      const follow = first ? ` Follow it with: drover task watch ${first}` : ''
      finishChange(context, done, `It is being carried out, step by step.${follow}`)
    }),
  )

  changeOptions(
    decision.command('dismiss').description('turn a recommendation down').argument('<decision>', 'its id'),
  ).action(
    runs<[string], ChangeOptions>(async (context, { reason, dryRun }, given) => {
      const done = await context.api.decision.dismiss.mutate({ decisionId: idOf(given), reason, dryRun })
      finishChange(
        context,
        done,
        'It is dismissed. It is not recommended again for an hour, unless its rule changes.',
      )
    }),
  )

  decision
    .command('replay')
    .description('make a decision again from its own inputs, under the rules of then or others')
    .argument('<decision>', 'its id')
    .option('--rules <file>', 'JSON: { balance?, power?, thresholds?, rules? }; what is left out is as today')
    .option('--today', 'under the rules of today')
    .action(
      runs<[string], { rules?: string; today?: boolean }>(async ({ api, out }, options, given) => {
        const rules = options.rules ? await readRules(options.rules) : options.today ? {} : undefined
        const answer = await api.decision.replay.query({ decisionId: idOf(given), rules })
        out.say(sayReplay(answer), answer)
      }),
    )
}

/** Of a move, by the number that `show` gives it. Throws a sentence when there can be none of that number. */
export function positionOf(n: string): number {
  const position = integer(n) - 1
  if (position < 0) throw new InvalidArgumentError('Moves are counted from 1. See: drover decision show')
  return position
}

function idOf(given: string): `decision-${number}` {
  const id = /^\d+$/.test(given) ? `decision-${given}` : given
  if (!/^decision-\d+$/.test(id))
    throw new CliError(exitCodes.usage, `"${given}" is no decision. Take its id from: drover decision list`)
  return id as `decision-${number}`
}

function sayScore({ cpu, memory, overloaded, watts }: LoadScore): string {
  const over = overloaded.length > 0 ? `, ${overloaded.length} overloaded` : ''
  return `CPU ${sayPercent(cpu)}, memory ${sayPercent(memory)} apart${over}, ${Math.round(watts)} W`
}

/** A decision in lines. */
export function sayDecision(row: LoadDecision, explain: boolean): string {
  const lines = [
    `${row.by.name}: ${row.text}`,
    `${row.automatic ? 'Done by itself' : row.person ? `Answered by ${row.person}` : 'Recommended'} at ${sayTime(row.at)}; ${decisionStates[row.state].meaning}.`,
    `The rule then: ${row.by.text}`,
    `Before: ${sayScore(row.before)}. After: ${sayScore(row.after)}.`,
  ]
  if (row.moves.length > 0)
    lines.push(
      '',
      table(
        row.moves.map((move, i) => ({ ...move, n: i + 1 })),
        [
          { title: '#', of: ({ n }) => `${n}`, right: true },
          { title: 'vm', of: ({ vm }) => vm.name },
          { title: 'from', of: ({ source }) => source.name },
          { title: 'to', of: ({ target }) => target.name },
          { title: 'memory', of: ({ bytes }) => sayBytes(bytes), right: true },
          { title: 'state', of: ({ state }) => state },
          { title: 'why', of: ({ text, why }) => why ?? text },
        ],
      ),
    )
  for (const { host, act, text, state, why } of row.power)
    lines.push(`${act === 'wake' ? 'Wake' : 'Put to sleep'} ${host.name} (${state}): ${why ?? text}`)
  if (explain)
    for (const { vm, against } of row.moves) {
      lines.push('', `Why ${vm.name} goes nowhere else:`)
      for (const { host, text } of against) lines.push(`  ${host.name}: ${text}`)
    }
  return lines.join('\n')
}

/** A replay in lines. */
export function sayReplay({ then, now, differences }: DecisionReplay): string {
  const moves = (side: typeof then) =>
    side.moves.length === 0
      ? ['  no moves']
      : side.moves.map(({ vm, source, target }) => `  ${vm}: ${source} > ${target}`)
  return [
    `Then: ${then.text}`,
    ...moves(then),
    `  after: ${sayScore(then.after)}`,
    `Now: ${now.text}`,
    ...moves(now),
    `  after: ${sayScore(now.after)}`,
    '',
    ...(differences.length === 0
      ? ['The same.']
      : ['Differences:', ...differences.map((text) => `  ${text}`)]),
  ].join('\n')
}
