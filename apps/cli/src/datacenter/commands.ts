import type { Command } from 'commander'
import { changeOptions, finishChange } from '../acting'
import { runs } from '../context'
import { Inventory } from '../inventory'

interface ChangeOptions {
  dryRun?: boolean
  reason?: string
}

/** `drover datacenter …` */
export function datacenterCommands(program: Command): void {
  const datacenter = program.command('datacenter').description('datacenters: places that hold clusters')

  datacenter
    .command('list')
    .description('every datacenter')
    .action(
      runs(async ({ api, out }) => {
        const { rows } = await Inventory.of(api)
        out.rows(
          rows.datacenter,
          [
            { title: 'name', of: (row) => row.name },
            {
              title: 'clusters',
              of: (row) => rows.cluster.filter((c) => c.datacenterId === row.id).length,
              right: true,
            },
            { title: 'id', of: (row) => row.id },
          ],
          'There is no datacenter yet. Make one: drover datacenter create NAME',
        )
      }),
    )

  changeOptions(
    datacenter.command('create').description('a new, empty datacenter').argument('<name>'),
  ).action(
    runs<[string], ChangeOptions>(async (context, { reason, dryRun }, name) => {
      const done = await context.api.datacenter.create.mutate({ name, reason, dryRun })
      finishChange(context, done, `${name} was created.`)
    }),
  )

  changeOptions(
    datacenter
      .command('rename')
      .description('another name')
      .argument('<datacenter>', 'name or id')
      .argument('<name>'),
  ).action(
    runs<[string, string], ChangeOptions>(async (context, { reason, dryRun }, given, name) => {
      const { id } = (await Inventory.of(context.api)).datacenter(given)
      const done = await context.api.datacenter.rename.mutate({ datacenterId: id, name, reason, dryRun })
      finishChange(context, done, `It is called ${name} now.`)
    }),
  )

  changeOptions(
    datacenter
      .command('delete')
      .description('remove one that holds no cluster')
      .argument('<datacenter>', 'name or id'),
  ).action(
    runs<[string], ChangeOptions>(async (context, { reason, dryRun }, given) => {
      const { id, name } = (await Inventory.of(context.api)).datacenter(given)
      const done = await context.api.datacenter.delete.mutate({ datacenterId: id, reason, dryRun })
      finishChange(context, done, `${name} was deleted.`)
    }),
  )
}
