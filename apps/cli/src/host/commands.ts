import { hostStates, sayBytes, sayPercent } from '@drover/model'
import type { Command } from 'commander'
import { changeOptions, confirmed, finishChange } from '../acting'
import { required, runs } from '../context'
import { Inventory } from '../inventory'
import { sayTime } from '../output/quantity'
import { findHost } from './find'
import { rescueCommands } from './rescue'
import { serviceCommands } from './service'
import { sleepCommands } from './sleep'

interface ChangeOptions {
  dryRun?: boolean
  reason?: string
}

const modeWords = {
  normal: 'in service',
  entering: 'being emptied',
  maintenance: 'maintenance',
  standby: 'asleep',
} as const

/** `drover host …` */
export function hostCommands(program: Command): void {
  const host = program.command('host').description('hosts that VMs run on')

  host
    .command('list')
    .description('every host, or those of a cluster')
    .option('--cluster <cluster>', 'only of this cluster')
    .action(
      runs<[], { cluster?: string }>(async ({ api, out }, options) => {
        const { rows, usage } = await api.inventory.snapshot.query()
        const inventory = new Inventory(rows)
        const clusterId = options.cluster && inventory.cluster(options.cluster).id
        const counts = new Map<string, number>()
        for (const vm of rows.vm) counts.set(vm.hostId, (counts.get(vm.hostId) ?? 0) + 1)
        out.rows(
          rows.host
            .filter((row) => !clusterId || row.clusterId === clusterId)
            .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
          [
            { title: 'name', of: (row) => row.name },
            {
              title: 'state',
              of: (row) => (row.mode === 'normal' ? row.state : `${row.state}, ${modeWords[row.mode]}`),
            },
            { title: 'cluster', of: (row) => inventory.nameOf(row.clusterId) },
            { title: 'vms', of: (row) => counts.get(row.id) ?? 0, right: true },
            {
              title: 'cpu',
              of: (row) => (usage.hosts[row.id] ? sayPercent(usage.hosts[row.id]!.cpu) : null),
              right: true,
            },
            { title: 'memory', of: (row) => row.facts && sayBytes(row.facts.memoryBytes), right: true },
            { title: 'address', of: (row) => row.address },
            { title: 'id', of: (row) => row.id },
          ],
          'There is no host yet. Make one join: drover host join-token CLUSTER',
        )
      }),
    )

  host
    .command('show')
    .description('one host: what it is, how loaded, what it runs')
    .argument('<host>', 'name or id of the host')
    .action(
      runs<[string]>(async ({ api, out }, _options, name) => {
        const { id } = await findHost(api, name)
        const [shown, inventory] = await Promise.all([api.host.show.query({ hostId: id }), Inventory.of(api)])
        const { host: row, cluster, usage, vms } = shown
        const facts = row.facts
        out.one(shown, [
          ['name', row.name],
          ['id', row.id],
          ['state', `${row.state} since ${sayTime(row.stateSince)}: ${hostStates[row.state].meaning}`],
          [
            'mode',
            `${modeWords[row.mode]}${row.mode !== 'normal' && row.modeReason ? `: ${row.modeReason}` : ''}`,
          ],
          ...(row.proof
            ? [['proof', `${row.proof.text}, ${sayTime(row.proof.at)}`] as [string, string]]
            : []),
          ...(row.quarantinedUntil
            ? [['quarantine', `gets no VMs until ${sayTime(row.quarantinedUntil)}`] as [string, string]]
            : []),
          ['cluster', cluster?.name],
          ['address', row.address],
          [
            'hypervisor',
            facts && `${facts.hypervisor.kind} ${facts.hypervisor.version}, ${facts.hypervisor.accelerator}`,
          ],
          ['cpu', facts && `${facts.cpu.model}, ${facts.cpu.cores} cores`],
          ['memory', facts && sayBytes(facts.memoryBytes)],
          ['load', usage && `cpu ${sayPercent(usage.cpu)}, memory ${sayBytes(usage.memoryUsedBytes)}`],
          [
            'datastores',
            row.datastores
              .map((mount) => `${inventory.nameOf(mount.datastoreId)} at ${mount.path}`)
              .join(', ') || null,
          ],
          ['networks', row.networks.map(inventory.nameOf, inventory).join(', ') || null],
          ['vms', vms.map((vm) => `${vm.name} (${vm.power})`).join(', ') || null],
          ...(row.leftovers
            ? [
                ['left over', `${row.leftovers.map(({ name }) => name).join(', ')}, deleted`] as [
                  string,
                  string,
                ],
              ]
            : []),
        ])
      }),
    )

  host
    .command('join-token')
    .description('let one host join: prints the command to run on it')
    .argument('[cluster]', 'which cluster; may be left out when there is only one')
    .action(
      runs<[string | undefined]>(async ({ api, out }, _options, cluster) => {
        const found = (await Inventory.of(api)).onlyCluster(cluster)
        const { id, name } = required(found, 'Say which cluster. See: drover cluster list')
        const made = await api.host.createJoinToken.mutate({ clusterId: id })
        out.note(`Run this on the host that joins ${name}, before ${sayTime(made.expiresAt)}; it works once:`)
        out.say(made.command, made)
      }),
    )

  serviceCommands(host)
  sleepCommands(host)
  rescueCommands(host)

  changeOptions(
    host
      .command('remove')
      .description('forget a host; nothing on the machine itself is touched')
      .argument('<host>', 'name or id of the host')
      .option('--confirm <name>', 'its name once more, instead of being asked'),
  ).action(
    runs<[string], ChangeOptions & { confirm?: string }>(async (context, options, given) => {
      const { id, name } = await findHost(context.api, given)
      const question = `Drover will forget ${name} and the VMs that are defined there.`
      const confirmName = options.dryRun ? name : await confirmed(options.confirm, name, question)
      const { reason, dryRun } = options
      finishChange(
        context,
        await context.api.host.remove.mutate({ hostId: id, confirmName, reason, dryRun }),
        `${name} was removed.`,
      )
    }),
  )
}
