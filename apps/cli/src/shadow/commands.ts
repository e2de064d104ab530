import { type ShadowDay, type ShadowSet, sayCount } from '@drover/model'
import type { Command } from 'commander'
import { changeOptions, finishChange } from '../acting'
import { readRules } from '../cluster/rules'
import { runs } from '../context'
import { Inventory } from '../inventory'
import { sayTime } from '../output/quantity'

interface ActOptions {
  dryRun?: boolean
  reason?: string
}

/** `drover shadow start|show|end CLUSTER` */
export function shadowCommands(program: Command): void {
  const shadow = program
    .command('shadow')
    .description('rules that decide beside the active ones, live, and move nothing')

  changeOptions(
    shadow
      .command('start')
      .description('have rules decide beside the active ones; takes the place of those that do so now')
      .argument('<cluster>', 'name or id of the cluster')
      .requiredOption(
        '--rules <file>',
        'JSON as `drover cluster rules` prints it; what is left out is as now',
      )
      .requiredOption('--name <name>', 'what they are called'),
  ).action(
    runs<[string], ActOptions & { rules: string; name: string }>(async (context, options, given) => {
      const { id: clusterId, name } = (await Inventory.of(context.api)).cluster(given)
      const rules = await readRules(options.rules)
      const { reason, dryRun } = options
      const done = await context.api.shadow.start.mutate({
        clusterId,
        name: options.name,
        rules,
        reason,
        dryRun,
      })
      finishChange(context, done, `"${options.name}" decides beside the rules of ${name} from now on.`)
    }),
  )

  shadow
    .command('show')
    .description('what they would have done otherwise, day by day')
    .argument('<cluster>', 'name or id of the cluster')
    .action(
      runs<[string]>(async ({ api, out }, _options, given) => {
        const { id, name } = (await Inventory.of(api)).cluster(given)
        const found = await api.shadow.show.query({ clusterId: id })
        out.say(found ? sayShadow(found) : `No rules decide beside those of ${name}.`, found)
      }),
    )

  changeOptions(
    shadow.command('end').description('end them').argument('<cluster>', 'name or id of the cluster'),
  ).action(
    runs<[string], ActOptions>(async (context, { reason, dryRun }, given) => {
      const { id: clusterId, name } = (await Inventory.of(context.api)).cluster(given)
      const done = await context.api.shadow.end.mutate({ clusterId, reason, dryRun })
      finishChange(context, done, `No rules decide beside those of ${name} any more.`)
    }),
  )
}

/** A shadow in lines, the newest day first. */
export function sayShadow({ name, since, createdBy, days }: ShadowSet): string {
  const lines = [`"${name}", by ${createdBy}, since ${sayTime(since)}`]
  if (days.length === 0) lines.push('It has decided nothing yet.')
  for (const { day, shadow, active, differences } of days.toReversed())
    lines.push(
      `${day}: it would have come to ${did(shadow)}; the active rules came to ${did(active)}.`,
      ...differences.map((text) => `  ${text}`),
    )
  return lines.join('\n')
}

const did = ({ moves, sleeps, wakes }: ShadowDay['shadow']): string =>
  `${sayCount(moves, 'move')}, ${sayCount(sleeps, 'sleep')}, ${sayCount(wakes, 'wake')}`
