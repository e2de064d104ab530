import type { Command } from 'commander'
import { runs } from '../context'
import { Inventory } from '../inventory'

/** `drover network list` */
export function networkCommands(program: Command): void {
  program
    .command('network')
    .description('what VMs plug into')
    .command('list')
    .description('every network')
    .action(
      runs(async ({ api, out }) => {
        const inventory = await Inventory.of(api)
        const { network, host, vm } = inventory.rows
        out.rows(
          network,
          [
            { title: 'name', of: (row) => row.name },
            { title: 'datacenter', of: (row) => inventory.nameOf(row.datacenterId) },
            {
              title: 'hosts',
              of: (row) => host.filter((h) => h.networks.includes(row.id)).length,
              right: true,
            },
            {
              title: 'vms',
              of: (row) => vm.filter((v) => v.nics.some((nic) => nic.networkId === row.id)).length,
              right: true,
            },
            { title: 'id', of: (row) => row.id },
          ],
          'There is no network yet. Hosts bring theirs when they join.',
        )
      }),
    )
}
