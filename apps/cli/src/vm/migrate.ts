import type { MigrationMethod } from '@drover/model'
import { type Command, Option } from 'commander'
import { type ActingOptions, actingOptions, finish } from '../acting'
import { runs } from '../context'
import { findHost } from '../host/find'
import { Inventory } from '../inventory'
import { bytesPerSecond, duration } from '../output/quantity'
import { findVm } from './find'

interface MigrateOptions extends ActingOptions {
  to?: string
  method?: MigrationMethod
  datastore?: string[]
  bandwidth?: number
  downtime?: number
  deadline?: number
  autoConverge: boolean
  postCopy?: boolean
  withGroup?: boolean
}

/** `drover vm migrate web-17 --to esx-02` */
export function addMigrate(vm: Command): void {
  const command = vm
    .command('migrate')
    .description('move a VM to another host: the best one and the best way where none is named')
    .argument('<vm>', 'name or id of the VM')
    .option('--to <host>', 'name or id of the target host')
    .addOption(new Option('--method <method>', 'how').choices(['live', 'live-with-disks', 'cold']))
    .option('--with-group', 'with all VMs that a rule keeps on one host with it')
    .option('--datastore <datastore...>', 'where the disks go, in their order')
    .option('--bandwidth <rate>', 'no more than this, such as 100MiB/s', bytesPerSecond)
    .option('--downtime <time>', 'longest standstill at the switch-over, such as 300ms', duration)
    .option('--deadline <time>', 'cancel when it has not finished by then, such as 10m', duration)
    .option('--no-auto-converge', 'never slow the guest down')
    .option('--post-copy', 'when copying does not converge, start it on the target and fetch the rest')
  actingOptions(command).action(
    runs<[string], MigrateOptions>(async (context, options, name) => {
      const { api } = context
      const { id } = await findVm(api, name)
      const targetId = options.to === undefined ? null : (await findHost(api, options.to)).id
      const stores = options.datastore
      const inventory = stores && (await Inventory.of(api))
      const acted = await api.vm.migrate.mutate({
        vmId: id,
        targetId,
        method: options.method ?? null,
        datastoreIds: inventory ? stores.map((store) => inventory.datastore(store).id) : null,
        options: {
          bandwidthBytesPerSecond: options.bandwidth ?? null,
          downtimeMs: options.downtime ?? null,
          deadlineMs: options.deadline ?? null,
          autoConverge: options.autoConverge,
          postCopy: options.postCopy ?? false,
        },
        withGroup: options.withGroup ?? false,
        reason: options.reason,
        dryRun: options.dryRun,
      })
      await finish(context, acted, options, name)
    }),
  )
}
