import type { Command } from 'commander'
import { changeOptions, finishChange } from '../acting'
import { required, runs } from '../context'
import { Inventory } from '../inventory'
import { integer } from '../output/quantity'
import { balanceCommands } from './balance'
import { exportCommand } from './export'
import { failureCommands } from './failure'
import { addHa } from './ha'
import { powerCommands } from './power'
import { readinessCommand } from './readiness'
import { rollCommands } from './roll'
import { rulesCommand } from './rules'

interface ChangeOptions {
  dryRun?: boolean
  reason?: string
}

/** `drover cluster …` */
export function clusterCommands(program: Command): void {
  const cluster = program.command('cluster').description('clusters: hosts that VMs move between')
  cluster
    .command('list')
    .description('every cluster')
    .action(
      runs(async ({ api, out }) => {
        const inventory = await Inventory.of(api)
        const { rows } = inventory
        const count = (all: { clusterId: string }[], id: string) =>
          all.filter((row) => row.clusterId === id).length
        out.rows(
          rows.cluster,
          [
            { title: 'name', of: (row) => row.name },
            { title: 'datacenter', of: (row) => inventory.nameOf(row.datacenterId) },
            { title: 'hosts', of: (row) => count(rows.host, row.id), right: true },
            { title: 'vms', of: (row) => count(rows.vm, row.id), right: true },
            { title: 'migrations per host', of: (row) => row.migrationLimits.perHost, right: true },
            { title: 'id', of: (row) => row.id },
          ],
          'There is no cluster yet. Make one: drover cluster create NAME',
        )
      }),
    )

  changeOptions(
    cluster
      .command('create')
      .description('a new cluster without hosts')
      .argument('<name>')
      .option('--datacenter <datacenter>', 'where; may be left out when there is only one'),
  ).action(
    runs<[string], ChangeOptions & { datacenter?: string }>(async (context, options, name) => {
      const inventory = await Inventory.of(context.api)
      const all = inventory.rows.datacenter
      const only = all.length === 1 ? all[0] : null
      const datacenter = required(
        options.datacenter === undefined ? only : inventory.datacenter(options.datacenter),
        all.length === 0
          ? 'There is no datacenter yet. Make one: drover datacenter create NAME'
          : 'There are several datacenters. Say which: --datacenter',
      )
      const { reason, dryRun } = options
      const done = await context.api.cluster.create.mutate({
        datacenterId: datacenter.id,
        name,
        reason,
        dryRun,
      })
      finishChange(context, done, `${name} was created in ${datacenter.name}.`)
    }),
  )

  changeOptions(
    cluster
      .command('change')
      .description('name and migration limits')
      .argument('<cluster>', 'name or id of the cluster')
      .option('--name <name>', 'another name')
      .option('--per-host <n>', 'migrations at once per host', integer)
      .option('--per-network <n>', 'migrations at once per network', integer)
      .option('--per-datastore <n>', 'migrations at once per datastore', integer),
  ).action(
    runs<
      [string],
      ChangeOptions & { name?: string; perHost?: number; perNetwork?: number; perDatastore?: number }
    >(async (context, options, given) => {
      const { id, name } = (await Inventory.of(context.api)).cluster(given)
      const { perHost, perNetwork, perDatastore, reason, dryRun } = options
      const migrationLimits = { perHost, perNetwork, perDatastore }
      const input = { clusterId: id, name: options.name, migrationLimits, reason, dryRun }
      finishChange(
        context,
        await context.api.cluster.change.mutate(input),
        `${options.name ?? name} was changed.`,
      )
    }),
  )

  changeOptions(
    cluster
      .command('delete')
      .description('remove a cluster that holds no host')
      .argument('<cluster>', 'name or id'),
  ).action(
    runs<[string], ChangeOptions>(async (context, { reason, dryRun }, given) => {
      const { id, name } = (await Inventory.of(context.api)).cluster(given)
      const done = await context.api.cluster.delete.mutate({ clusterId: id, reason, dryRun })
      finishChange(context, done, `${name} was deleted.`)
    }),
  )

  addHa(cluster)
  readinessCommand(cluster)
  rulesCommand(cluster)
  balanceCommands(cluster)
  powerCommands(cluster)
  exportCommand(cluster)
  failureCommands(cluster)
  rollCommands(cluster)
}
