import type { Alarm } from '@drover/model'
import type { Command } from 'commander'
import { changeOptions, finishChange } from '../acting'
import { runs } from '../context'
import { Inventory } from '../inventory'
import { sayTime } from '../output/quantity'

/** `drover alarm …` */
export function alarmCommands(program: Command): void {
  const alarm = program.command('alarm').description('conditions that somebody should know of')

  alarm
    .command('list')
    .description('what is wrong now')
    .option('--cluster <cluster>', 'only of this cluster')
    .option('--past', 'also what is over')
    .action(
      runs<[], { cluster?: string; past?: boolean }>(async ({ api, out }, { cluster, past = false }) => {
        const inventory = await Inventory.of(api)
        const clusterId = cluster === undefined ? undefined : inventory.cluster(cluster).id
        out.rows(
          await api.alarm.list.query({ clusterId, past }),
          [
            { title: 'since', of: (row) => sayTime(row.raisedAt) },
            { title: 'severity', of: (row) => (row.clearedAt === null ? row.severity : 'over') },
            { title: 'what', of: (row) => row.text },
            { title: 'seen by', of: (row) => row.acknowledgedBy },
            { title: 'id', of: (row) => row.id },
          ],
          'No alarm.',
        )
      }),
    )

  changeOptions(
    alarm.command('acknowledge').description('say that you have seen it').argument('<alarm>', 'its id'),
  ).action(
    runs<[string], { reason?: string; dryRun?: boolean }>(async (context, { reason, dryRun }, id) => {
      const alarmId = id as Alarm['id']
      const done = await context.api.alarm.acknowledge.mutate({ alarmId, reason, dryRun })
      finishChange(context, done, 'Acknowledged.')
    }),
  )
}
