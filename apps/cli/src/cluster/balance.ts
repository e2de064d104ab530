import {
  type BalanceSettings,
  balanceLevels,
  defaultBalanceSettings,
  type LoadDraft,
  type Recommendations,
  sayBalance,
  sayBytes,
  sayDuration,
  sayPercent,
  type TimeWindow,
} from '@drover/model'
import { type Command, Option } from 'commander'
import { changeOptions, finishChange } from '../acting'
import { runs } from '../context'
import { Inventory } from '../inventory'
import { bytes, duration, integer, orUnlimited, share } from '../output/quantity'
import { table } from '../output/table'
import { timeWindow } from '../output/window'
import { sayConflicts, warn } from '../threshold/commands'
import { readRules } from './rules'

interface BalanceOptions {
  dryRun?: boolean
  reason?: string
  mode?: BalanceSettings['mode']
  by?: BalanceSettings['by']
  aim?: BalanceSettings['aim']
  spread?: number
  limit?: number
  minGain?: number
  hold?: number
  cooldown?: number
  atOnce?: number
  level?: string
  worthwhile?: number
  moves?: number | null
  bytes?: number | null
  window?: TimeWindow[]
  always?: boolean
}

/** `drover cluster balance NAME [--mode full …]` and `drover cluster recommendations NAME`. */
export function balanceCommands(cluster: Command): void {
  changeOptions(
    cluster
      .command('balance')
      .description('how a cluster evens out its load; without options: say it')
      .argument('<cluster>', 'name or id of the cluster')
      .addOption(
        new Option('--mode <mode>', 'off, moves recommended, or made').choices([
          'off',
          'manual',
          'partial',
          'full',
        ]),
      )
      .addOption(
        new Option('--by <what>', 'what VMs use, or what they were given').choices([
          'actual-load',
          'configured-size',
        ]),
      )
      .addOption(
        new Option('--aim <aim>', 'even loads, or only no overloads').choices(['spread', 'overload']),
      )
      .option('--spread <share>', 'hosts this far apart are even enough', share)
      .option('--limit <share>', 'a host that uses more is overloaded', share)
      .option('--min-gain <share>', 'a move has to better the score by this much', share)
      .option('--hold <time>', 'loads have to be uneven for this long', duration)
      .option('--cooldown <time>', 'a VM that was moved is left alone for this long', duration)
      .option('--at-once <n>', 'moves at once', integer)
      .option('--worthwhile <share>', 'all moves together have to better the score by this much', share)
      .option('--moves <n>', 'at most so many moves an hour, or unlimited', orUnlimited(integer))
      .option('--bytes <size>', 'at most so much memory moved an hour, or unlimited', orUnlimited(bytes))
      .option(
        '--window <window>',
        'moves are made only then: "mon-fri 20:00-06:00 Europe/Berlin"',
        timeWindow,
      )
      .option('--always', 'moves are made at any time')
      .addOption(
        new Option('--level <level>', 'instead of single figures: 1 conservative to 5 aggressive').choices([
          '1',
          '2',
          '3',
          '4',
          '5',
        ]),
      ),
  ).action(
    runs<[string], BalanceOptions>(async (context, options, given) => {
      const { id, name, balance = defaultBalanceSettings } = (await Inventory.of(context.api)).cluster(given)
      const { mode, by, aim, spread, limit, minGain, reason, dryRun } = options
      const times = { holdMs: options.hold, cooldownMs: options.cooldown, movesAtOnce: options.atOnce }
      const { worthwhile, moves, window, always } = options
      const level = options.level ? (Number(options.level) as BalanceSettings['level']) : undefined
      const limited = moves !== undefined || options.bytes !== undefined
      const budget = limited ? { movesPerHour: moves, bytesPerHour: options.bytes } : undefined
      const windows = always ? [] : window
      const changes = { mode, level, by, aim, spread, limit, minGain, worthwhile, budget, windows, ...times }
      if (Object.values(changes).every((value) => value === undefined))
        return context.out.one({ balance }, say(balance))
      const done = await context.api.cluster.changeBalance.mutate({ clusterId: id, changes, reason, dryRun })
      finishChange(context, done, `${name} was changed.`)
      warn(context, done.conflicts)
    }),
  )

  cluster
    .command('recommendations')
    .description('what would be moved now to even out the load, and why; moves nothing')
    .argument('<cluster>', 'name or id of the cluster')
    .option('--explain', 'say for every other host why not')
    .action(
      runs<[string], { explain?: boolean }>(async ({ api, out }, { explain }, given) => {
        const { id } = (await Inventory.of(api)).cluster(given)
        const answer = await api.cluster.recommendations.query({ clusterId: id })
        out.say(sayRecommendations(answer, explain === true), answer)
      }),
    )

  cluster
    .command('draft')
    .description('what rules that are not saved would do now, and what they conflict with')
    .argument('<cluster>', 'name or id of the cluster')
    .argument('<file>', 'JSON: { balance?, power?, thresholds?, rules? }; what is left out is as now')
    .action(
      runs<[string, string]>(async ({ api, out }, _, given, file) => {
        const { id } = (await Inventory.of(api)).cluster(given)
        const rules = await readRules(file)
        const answer = await api.cluster.draftRules.query({ clusterId: id, rules })
        out.say(sayDraft(answer), answer)
      }),
    )
}

/** What rules would do, in lines. */
export function sayDraft({ blocked, proposals, held, conflicts }: LoadDraft): string {
  const lines = proposals.flatMap(({ name, automatic, text, moves, sleep, wake }) => [
    `${name}${automatic ? ', without asking' : ''}: ${text}`,
    ...moves.map((move) => `  ${move.text}`),
    ...sleep.map((one) => `  ${one.host.name} would be put to sleep: ${one.text}`),
    ...wake.map((one) => `  ${one.host.name} would be woken: ${one.text}`),
  ])
  if (lines.length === 0) lines.push('Nothing would be done now.')
  if (blocked) lines.push(`Nothing is done now anyway: ${blocked}`)
  return [...lines, ...held.map(({ text }) => `Not done: ${text}`), ...sayConflicts(conflicts)].join('\n')
}

function say(balance: BalanceSettings): [string, string | null][] {
  return [
    ['in words', sayBalance(balance)],
    ['mode', balance.mode],
    ['level', balance.level === null ? 'figures of its own' : sayLevel(balance.level)],
    ['by', balance.by],
    ['aim', balance.aim],
    ['even enough', `${sayPercent(balance.spread)} apart`],
    ['overloaded', `above ${sayPercent(balance.limit)}`],
    ['a move gains', `at least ${balance.minGain}`],
    ['uneven for', sayDuration(balance.holdMs)],
    ['cooldown', sayDuration(balance.cooldownMs)],
    ['at once', `${balance.movesAtOnce}`],
  ]
}

function sayLevel(level: NonNullable<BalanceSettings['level']>): string {
  return `${level}, ${balanceLevels[level].name}: ${balanceLevels[level].text}`
}

/** The moves in lines, with what they bring. */
export function sayRecommendations(
  { blocked, score, scoreAfter, moves }: Recommendations,
  explain: boolean,
): string {
  const apart = (of: typeof score) => `CPU ${sayPercent(of.cpu)}, memory ${sayPercent(of.memory)}`
  const lines = [
    moves.length === 0
      ? `Nothing would be moved. Hosts are apart by ${apart(score)}.`
      : `Hosts are apart by ${apart(score)}; after these moves by ${apart(scoreAfter)}.`,
  ]
  if (blocked) lines.push(`Nothing is moved now: ${blocked}`)
  if (moves.length > 0)
    lines.push(
      '',
      table(moves, [
        { title: 'vm', of: ({ vm }) => vm.name },
        { title: 'from', of: ({ source }) => source.name },
        { title: 'to', of: ({ target }) => target.name },
        { title: 'memory', of: ({ memoryBytes }) => sayBytes(memoryBytes), right: true },
        { title: 'why', of: ({ reason }) => reason },
      ]),
    )
  if (explain)
    for (const { vm, whyNot } of moves) {
      lines.push('', `Why ${vm.name} goes nowhere else:`)
      for (const { host, reason } of whyNot) lines.push(`  ${host.name}: ${reason}`)
    }
  return lines.join('\n')
}
