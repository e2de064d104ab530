import type { LoadConflict, LoadMetric, ThresholdRule, TimeWindow } from '@drover/model'
import { type Command, Option } from 'commander'
import { changeOptions, finishChange } from '../acting'
import { type Context, required, runs } from '../context'
import { Inventory } from '../inventory'
import { bytes, bytesPerSecond, duration, integer, orUnlimited, share } from '../output/quantity'
import { timeWindow } from '../output/window'
import { pick } from '../resolve'

interface ThresholdOptions {
  dryRun?: boolean
  reason?: string
  cluster?: string
  name?: string
  above?: string
  until?: string
  for?: number
  tag: string[]
  anyVm?: boolean
  host: string[]
  anyHost?: boolean
  window?: TimeWindow[]
  always?: boolean
  cooldown?: number
  moves?: number | null
  bytes?: number | null
  minGain?: number
  automation?: ThresholdRule['automation']
  on?: boolean
  off?: boolean
}

const collect = (value: string, all: string[]) => [...all, value]
const metrics: readonly LoadMetric[] = ['cpu', 'memory', 'disk', 'network', 'pressure']

/** `drover threshold …` */
export function thresholdCommands(program: Command): void {
  const threshold = program
    .command('threshold')
    .description('rules that move VMs off hosts which have had too much of something for too long')

  threshold
    .command('list')
    .description('every threshold, and what stands in its way')
    .option('--cluster <cluster>', 'only of this cluster')
    .action(
      runs<[], { cluster?: string }>(async ({ api, out }, options) => {
        const inventory = await Inventory.of(api)
        const clusterId = options.cluster === undefined ? null : inventory.cluster(options.cluster).id
        const listed = await api.threshold.list.query({ clusterId })
        out.rows(
          listed,
          [
            { title: 'name', of: ({ threshold: row }) => row.name },
            { title: 'rule', of: ({ sentence }) => sentence },
            {
              title: 'now',
              of: ({ threshold: row }) =>
                row.enabled ? sayAbove(inventory, Object.keys(row.aboveSince)) : 'switched off',
            },
            { title: 'cluster', of: ({ threshold: row }) => inventory.nameOf(row.clusterId) },
            { title: 'id', of: ({ threshold: row }) => row.id },
          ],
          'There is no threshold yet. Make one: drover threshold create NAME cpu --above 80% --until 70%',
        )
        const conflicts = new Map(listed.flatMap((row) => row.conflicts).map((one) => [one.text, one]))
        if (!out.json) for (const line of sayConflicts([...conflicts.values()])) out.note(line)
      }),
    )

  fields(
    threshold
      .command('create')
      .description('a new threshold: when the metric of a host is above a figure, VMs are moved away')
      .argument('<name>')
      .argument('<metric>', metrics.join(', '))
      .requiredOption('--above <figure>', 'the rule acts above: 80%, or 500MiB/s')
      .requiredOption('--until <figure>', 'relief ends under: 70%, or 400MiB/s')
      .option('--cluster <cluster>', 'where; may be left out where there is one only'),
  ).action(
    runs<[string, string], ThresholdOptions>(async (context, options, name, given) => {
      const inventory = await Inventory.of(context.api)
      const cluster = required(
        inventory.onlyCluster(options.cluster),
        'There are several clusters. Say which: --cluster',
      )
      const metric = metrics.find((one) => one === given)
      const known = required(
        metric ?? null,
        `"${given}" is nothing to watch. Use one of: ${metrics.join(', ')}`,
      )
      const { reason, dryRun } = options
      const changes = fieldsOf(inventory, options, known)
      const done = await context.api.threshold.create.mutate({
        ...changes,
        clusterId: cluster.id,
        name,
        metric: known,
        above: changes.above!,
        until: changes.until!,
        reason,
        dryRun,
      })
      finishChange(context, done, `The threshold ${name} was made in ${cluster.name}.`)
      warn(context, done.conflicts)
    }),
  )

  fields(
    threshold
      .command('change')
      .description('change a threshold; what is left out stays')
      .argument('<threshold>', 'name or id of the threshold')
      .option('--name <name>', 'another name')
      .option('--above <figure>', 'the rule acts above')
      .option('--until <figure>', 'relief ends under')
      .option('--on', 'switch it on'),
  ).action(
    runs<[string], ThresholdOptions>(async (context, options, given) => {
      const inventory = await Inventory.of(context.api)
      const row = find(inventory, given)
      const { reason, dryRun, name } = options
      const changes = { name, ...fieldsOf(inventory, options, row.metric) }
      const done = await context.api.threshold.change.mutate({ thresholdId: row.id, changes, reason, dryRun })
      finishChange(context, done, `The threshold ${name ?? row.name} was changed.`)
    }),
  )

  changeOptions(threshold.command('delete').description('remove a threshold').argument('<threshold>')).action(
    runs<[string], ThresholdOptions>(async (context, { reason, dryRun }, given) => {
      const { id, name } = find(await Inventory.of(context.api), given)
      const done = await context.api.threshold.delete.mutate({ thresholdId: id, reason, dryRun })
      finishChange(context, done, `The threshold ${name} was removed.`)
    }),
  )
}

function fields(command: Command): Command {
  return changeOptions(command)
    .option('--for <time>', 'it has to be above for this long', duration)
    .option('--tag <tag>', 'only VMs with this tag are moved; say it once for each', collect, [])
    .option('--any-vm', 'whatever its tags')
    .option('--host <host>', 'only this host is watched; say it once for each', collect, [])
    .option('--any-host', 'every host is watched')
    .option('--window <window>', 'only then: "mon-fri 20:00-06:00 Europe/Berlin"', timeWindow)
    .option('--always', 'at any time')
    .option('--cooldown <time>', 'a VM that was moved is left alone for this long', duration)
    .option('--moves <n>', 'at most so many moves an hour, or unlimited', orUnlimited(integer))
    .option('--bytes <size>', 'at most so much memory moved an hour, or unlimited', orUnlimited(bytes))
    .option('--min-gain <share>', 'a move has to take away at least this share of what is too much', share)
    .addOption(
      new Option('--automation <how>', 'as the cluster balances, only recommended, or done').choices([
        'cluster',
        'manual',
        'full',
      ]),
    )
    .option('--off', 'not switched on')
}

function fieldsOf(inventory: Inventory, options: ThresholdOptions, metric: LoadMetric) {
  const figure = (text: string | undefined) =>
    text === undefined
      ? undefined
      : metric === 'disk' || metric === 'network'
        ? bytesPerSecond(text)
        : share(text)
  const { tag, anyVm, host, anyHost, window, always, cooldown, moves, minGain, automation, on, off } = options
  const limited = moves !== undefined || options.bytes !== undefined
  return {
    above: figure(options.above),
    until: figure(options.until),
    forMs: options.for,
    tags: anyVm ? [] : tag.length > 0 ? tag : undefined,
    hostIds: anyHost ? [] : host.length > 0 ? host.map((one) => inventory.host(one).id) : undefined,
    windows: always ? [] : window,
    cooldownMs: cooldown,
    budget: limited ? { movesPerHour: moves, bytesPerHour: options.bytes } : undefined,
    minGain,
    automation,
    enabled: on ? true : off ? false : undefined,
  }
}

function find(inventory: Inventory, given: string): ThresholdRule {
  return pick(inventory.rows.threshold, given, 'threshold', (row) => `in ${inventory.nameOf(row.clusterId)}`)
}

function sayAbove(inventory: Inventory, hostIds: readonly string[]): string {
  if (hostIds.length === 0) return 'no host is above'
  return `above: ${hostIds.map((id) => inventory.nameOf(id)).join(', ')}`
}

/** Conflicts, each with what would resolve it. */
export function sayConflicts(conflicts: readonly LoadConflict[]): string[] {
  return conflicts.map(
    ({ level, text, remedy }) => `${level === 'error' ? 'Cannot be' : 'Note'}: ${text} ${remedy}`,
  )
}

/** Notes what a change conflicts with, beside its result. */
export function warn({ out }: Context, conflicts: readonly LoadConflict[]): void {
  if (!out.json) for (const line of sayConflicts(conflicts)) out.note(line)
}
