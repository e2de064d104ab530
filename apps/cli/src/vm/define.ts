import type { Command } from 'commander'
import { type ActingOptions, actingOptions, confirmed, finish } from '../acting'
import { required, runs } from '../context'
import { CliError, exitCodes } from '../exit'
import { Inventory } from '../inventory'
import { bytes, integer } from '../output/quantity'
import { findVm } from './find'

interface CreateOptions extends ActingOptions {
  cluster?: string
  image: string
  datastore?: string
  vcpus: number
  memory: number
  disk?: number
  network?: string
  host?: string
  notes?: string
  tag?: string[]
  start: boolean
}

/** `drover vm create web-17 --image debian-12 --memory 2GiB` */
export function addCreate(vm: Command): void {
  const command = vm
    .command('create')
    .description('make a VM from an image')
    .argument('<name>', 'name of the new VM')
    .requiredOption('--image <image>', 'name or path of the image')
    .option('--cluster <cluster>', 'which cluster; may be left out when there is only one')
    .option('--datastore <datastore>', 'where its disk goes; the image’s own when left out')
    .option('--vcpus <n>', 'how many vCPUs', integer, 1)
    .option('--memory <size>', 'how much memory, such as 2GiB', bytes, 1024 ** 3)
    .option('--disk <size>', 'grow the disk to this size', bytes)
    .option('--network <network>', 'what it plugs into')
    .option('--host <host>', 'where; the best place when left out')
    .option('--notes <text>')
    .option('--tag <tag...>')
    .option('--no-start', 'leave it off')
  actingOptions(command).action(
    runs<[string], CreateOptions>(async (context, options, name) => {
      const inventory = await Inventory.of(context.api)
      const cluster = required(
        inventory.onlyCluster(options.cluster),
        'There are several clusters. Say which: --cluster',
      )
      const acted = await context.api.vm.create.mutate({
        clusterId: cluster.id,
        name,
        vcpus: options.vcpus,
        memoryBytes: options.memory,
        image: findImage(inventory, options.image, cluster.datacenterId),
        datastoreId: options.datastore === undefined ? null : inventory.datastore(options.datastore).id,
        diskBytes: options.disk ?? null,
        networkId: options.network === undefined ? null : inventory.network(options.network).id,
        hostId: options.host === undefined ? null : inventory.host(options.host).id,
        notes: options.notes ?? '',
        tags: options.tag ?? [],
        powerOn: options.start,
        reason: options.reason,
        dryRun: options.dryRun,
      })
      await finish(context, acted, options, name)
    }),
  )
}

/** The image that is meant by a name or path, optionally with its datastore before a colon: `ds1:debian-12`. */
function findImage(inventory: Inventory, given: string, datacenterId: string) {
  const [, store, wanted = given] = /^([^:]+):(.+)$/.exec(given) ?? []
  const found = inventory.rows.datastore
    .filter((datastore) => datastore.datacenterId === datacenterId && (!store || datastore.name === store))
    .flatMap((datastore) => datastore.images.map((image) => ({ datastore, image })))
    .filter(({ image }) => image.name === wanted || image.path === wanted)
  const [first] = found
  if (!first)
    throw new CliError(
      exitCodes.notFound,
      `There is no image "${given}". See: drover datastore list --images`,
    )
  if (found.length > 1) {
    const list = found.map(({ datastore, image }) => `  ${datastore.name}:${image.path}`)
    throw new CliError(
      exitCodes.notFound,
      `Several images are named ${given}. Give one of:\n${list.join('\n')}`,
    )
  }
  return { datastoreId: first.datastore.id, path: first.image.path }
}

interface ChangeOptions extends ActingOptions {
  name?: string
  vcpus?: number
  memory?: number
  notes?: string
  tag?: string[]
}

/** `drover vm change web-17 --memory 4GiB` */
export function addChange(vm: Command): void {
  const command = vm
    .command('change')
    .description('change name, notes and tags; vCPUs and memory of a VM that is off')
    .argument('<vm>', 'name or id of the VM')
    .option('--name <name>', 'another name')
    .option('--vcpus <n>', 'how many vCPUs', integer)
    .option('--memory <size>', 'how much memory, such as 4GiB', bytes)
    .option('--notes <text>')
    .option('--tag <tag...>', 'these tags instead of those it has')
  actingOptions(command).action(
    runs<[string], ChangeOptions>(async (context, options, name) => {
      const { id } = await findVm(context.api, name)
      const { vcpus, memory: memoryBytes, notes, tag: tags, reason, dryRun } = options
      const changes = { name: options.name, vcpus, memoryBytes, notes, tags }
      const acted = await context.api.vm.change.mutate({ vmId: id, changes, reason, dryRun })
      await finish(context, acted, options, name)
    }),
  )
}

/** `drover vm delete web-17 --confirm web-17` */
export function addDelete(vm: Command): void {
  const command = vm
    .command('delete')
    .description('delete a VM that is off, with its disks')
    .argument('<vm>', 'name or id of the VM')
    .option('--confirm <name>', 'its name once more, instead of being asked')
  actingOptions(command).action(
    runs<[string], ActingOptions & { confirm?: string }>(async (context, options, given) => {
      const { id, name } = await findVm(context.api, given)
      const question = `${name} and its disks will be gone for good.`
      const confirmName = options.dryRun ? name : await confirmed(options.confirm, name, question)
      const { reason, dryRun } = options
      const acted = await context.api.vm.delete.mutate({ vmId: id, confirmName, reason, dryRun })
      await finish(context, acted, options, name)
    }),
  )
}
