import { sayBytes } from '@drover/model'
import type { Command } from 'commander'
import { runs } from '../context'
import { Inventory } from '../inventory'

/** `drover datastore list [--images]` */
export function datastoreCommands(program: Command): void {
  program
    .command('datastore')
    .description('storage for disks')
    .command('list')
    .description('every datastore, or the images on them')
    .option('--images', 'what VMs can be made from')
    .action(
      runs<[], { images?: boolean }>(async ({ api, out }, options) => {
        const inventory = await Inventory.of(api)
        const { datastore, host } = inventory.rows
        if (options.images) {
          const images = datastore.flatMap((store) =>
            store.images.map((image) => ({ datastore: store.name, ...image })),
          )
          return out.rows(
            images,
            [
              { title: 'image', of: (row) => row.name },
              { title: 'datastore', of: (row) => row.datastore },
              { title: 'size', of: (row) => sayBytes(row.sizeBytes), right: true },
              { title: 'path', of: (row) => row.path },
            ],
            'There is no image. Put a .qcow2, .raw or .img file into the folder "images" of a datastore.',
          )
        }
        out.rows(
          datastore,
          [
            { title: 'name', of: (row) => row.name },
            { title: 'datacenter', of: (row) => inventory.nameOf(row.datacenterId) },
            { title: 'free', of: (row) => sayBytes(row.freeBytes), right: true },
            { title: 'of', of: (row) => sayBytes(row.capacityBytes), right: true },
            {
              title: 'hosts',
              of: (row) => host.filter((h) => h.datastores.some((d) => d.datastoreId === row.id)).length,
              right: true,
            },
            { title: 'images', of: (row) => row.images.length, right: true },
            { title: 'id', of: (row) => row.id },
          ],
          'There is no datastore yet. Hosts bring theirs when they join.',
        )
      }),
    )
}
