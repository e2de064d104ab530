import { sayBytes, sayDuration, sayPercent, sayRefusal, sayRefusals, vmPowers } from '@drover/model'
import { Argument, type Command } from 'commander'
import { runs } from '../context'
import { Inventory } from '../inventory'
import { addActions } from './actions'
import { addChange, addCreate, addDelete } from './define'
import { findVm } from './find'
import { addHa } from './ha'
import { addMigrate } from './migrate'
import { whyNotCommands } from './whyNot'

export const vmArgument = () => new Argument('<vm>', 'name or id of the VM')

/** `drover vm …` */
export function vmCommands(program: Command): void {
  const vm = program.command('vm').description('virtual machines')

  vm.command('list')
    .description('every VM, or those of a cluster or host')
    .option('--cluster <cluster>', 'only of this cluster')
    .option('--host <host>', 'only on this host')
    .option('--power <state>', 'only in this state: running, off, paused, crashed, missing')
    .action(
      runs<[], { cluster?: string; host?: string; power?: string }>(async ({ api, out }, options) => {
        const inventory = await Inventory.of(api)
        const clusterId = options.cluster && inventory.cluster(options.cluster).id
        const hostId = options.host && inventory.host(options.host).id
        const vms = inventory.rows.vm
          .filter((row) => !clusterId || row.clusterId === clusterId)
          .filter((row) => !hostId || row.hostId === hostId)
          .filter((row) => !options.power || row.power === options.power)
          .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
        out.rows(
          vms,
          [
            { title: 'name', of: (row) => row.name },
            { title: 'power', of: (row) => row.power },
            { title: 'host', of: (row) => inventory.nameOf(row.hostId) },
            { title: 'cluster', of: (row) => inventory.nameOf(row.clusterId) },
            { title: 'vcpus', of: (row) => row.vcpus, right: true },
            { title: 'memory', of: (row) => sayBytes(row.memoryBytes), right: true },
            { title: 'id', of: (row) => row.id },
          ],
          'There is no VM that matches.',
        )
      }),
    )

  vm.command('show')
    .description('one VM: home, size, load, disks, work under way')
    .addArgument(vmArgument())
    .action(
      runs<[string]>(async ({ api, out }, _options, name) => {
        const { id } = await findVm(api, name)
        const [shown, inventory] = await Promise.all([api.vm.show.query({ vmId: id }), Inventory.of(api)])
        const { vm: row, host, usage, tasks, definition } = shown
        out.one(shown, [
          ['name', row.name],
          ['id', row.id],
          ['power', `${row.power}: ${row.powerReason ?? vmPowers[row.power].meaning}`],
          ['should be', row.desired],
          ...(row.recovery
            ? [['recovery', `${row.recovery.state}. ${sayRefusals(row.recovery.why)}`] as [string, string]]
            : []),
          ['host', host?.name],
          ['cluster', inventory.nameOf(row.clusterId)],
          ['size', `${row.vcpus} vCPUs, ${sayBytes(row.memoryBytes)} of memory`],
          ['load', usage && `${usage.cpu.toFixed(2)} cores, ${sayBytes(usage.memoryUsedBytes)}`],
          ...row.disks.map(
            (disk, i) =>
              [
                `disk ${i}`,
                `${sayBytes(disk.sizeBytes)} in ${inventory.nameOf(disk.datastoreId)}: ${disk.path}`,
              ] as const,
          ),
          ...row.nics.map(
            (nic, i) => [`nic ${i}`, `${inventory.nameOf(nic.networkId)}, ${nic.mac}`] as const,
          ),
          ['tags', row.tags.join(', ') || null],
          ['notes', row.notes || null],
          ['definition', definition && `version ${definition.version}`],
          ...tasks.map((task) => ['under way', `${task.id}: ${task.kind}, ${task.state}`] as const),
        ])
      }),
    )

  vm.command('targets')
    .description('where a VM could migrate to, and why not elsewhere')
    .addArgument(vmArgument())
    .action(
      runs<[string]>(async ({ api, out }, _options, name) => {
        const { id } = await findVm(api, name)
        const found = await api.vm.migrationTargets.query({ vmId: id })
        if (out.json) return out.say('', found)
        const why = (target: (typeof found.targets)[number]) => {
          const verdicts = target.methods.map((method) => method.verdict)
          const reasons = verdicts.flatMap((verdict) => (verdict.ok ? [] : verdict.refusals.map(sayRefusal)))
          return target.best ? '' : [...new Set(reasons)].join(' ')
        }
        out.rows(
          found.targets,
          [
            { title: 'host', of: ({ host }) => host.name },
            { title: 'method', of: ({ best }) => best ?? 'none' },
            { title: 'cpu', of: ({ cpu }) => (cpu === null ? null : sayPercent(cpu)), right: true },
            {
              title: 'memory free',
              of: (target) => sayBytes(Math.max(0, target.memoryFreeBytes)),
              right: true,
            },
            {
              title: 'takes',
              of: ({ best, methods }) => {
                const ms = methods.find(({ method }) => method === best)?.expectedMs
                return ms == null ? null : sayDuration(ms)
              },
              right: true,
            },
            { title: 'why not', of: why },
          ],
          'There is no other host in its cluster.',
        )
      }),
    )

  addCreate(vm)
  addChange(vm)
  addDelete(vm)
  addActions(vm)
  addMigrate(vm)
  whyNotCommands(vm)
  addHa(vm)
}
