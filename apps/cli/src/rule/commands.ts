import type { Cluster, HostId, Rule } from '@drover/model'
import type { Command } from 'commander'
import { changeOptions, finishChange } from '../acting'
import { required, runs } from '../context'
import { CliError, exitCodes } from '../exit'
import { Inventory } from '../inventory'
import { pick } from '../resolve'

interface ChangeOptions {
  dryRun?: boolean
  reason?: string
}

interface CreateOptions extends ChangeOptions {
  cluster?: string
  vm: string[]
  host: string[]
  should?: boolean
  off?: boolean
}

const relations = { together: 'together', apart: 'apart', on: 'on', 'not-on': 'notOn' } as const

const collect = (value: string, all: string[]) => [...all, value]

/** `drover rule …` */
export function ruleCommands(program: Command): void {
  const rule = program
    .command('rule')
    .description('which VMs belong together or apart, and on which hosts they may run')

  rule
    .command('list')
    .description('every rule, and whether it holds now')
    .option('--cluster <cluster>', 'only of this cluster')
    .action(
      runs<[], { cluster?: string }>(async ({ api, out }, options) => {
        const inventory = await Inventory.of(api)
        const clusterId = options.cluster === undefined ? null : inventory.cluster(options.cluster).id
        const listed = await api.rule.list.query({ clusterId })
        out.rows(
          listed,
          [
            { title: 'name', of: ({ rule: row }) => row.name },
            { title: 'rule', of: ({ sentence }) => sentence },
            {
              title: 'now',
              of: ({ rule: row, broken }) => (row.enabled ? (broken ? 'broken' : 'holds') : 'switched off'),
            },
            { title: 'cluster', of: ({ rule: row }) => inventory.nameOf(row.clusterId) },
            { title: 'id', of: ({ rule: row }) => row.id },
          ],
          'There is no rule yet. Make one: drover rule create NAME apart --vm VM --vm VM',
        )
        if (!out.json) for (const { broken } of listed) if (broken) out.note(broken)
      }),
    )

  changeOptions(
    rule
      .command('create')
      .description('a new rule: together, apart, on or not-on')
      .argument('<name>')
      .argument('<relation>', 'together, apart, on, not-on')
      .option('--vm <vm>', 'a VM that it is about; say it once for each', collect, [])
      .option('--host <host>', 'a host, as HOST or HOST=PRIORITY (the highest first)', collect, [])
      .option('--should', 'a wish, instead of a must')
      .option('--off', 'not switched on yet')
      .option('--cluster <cluster>', 'where; may be left out: the cluster of what is named'),
  ).action(
    runs<[string, string], CreateOptions>(async (context, options, name, given) => {
      const relation = relations[given as keyof typeof relations]
      if (!relation)
        throw new CliError(
          exitCodes.usage,
          `"${given}" is no relation. Use one of: ${Object.keys(relations).join(', ')}`,
        )
      const inventory = await Inventory.of(context.api)
      const cluster = required(
        inventory.onlyCluster(options.cluster) ?? clusterOf(inventory, options),
        'There are several clusters. Say which: --cluster',
      )
      const { reason, dryRun } = options
      const done = await context.api.rule.create.mutate({
        clusterId: cluster.id,
        name,
        kind: relation === 'on' || relation === 'notOn' ? 'vm-host' : 'vm-vm',
        relation,
        strict: !options.should,
        vmIds: options.vm.map((vm) => vmOf(inventory, vm)),
        hosts: options.host.map((host) => hostOf(inventory, host)),
        enabled: !options.off,
        reason,
        dryRun,
      })
      finishChange(context, done, `The rule ${name} was made in ${cluster.name}.`)
    }),
  )

  changeOptions(
    rule
      .command('change')
      .description('name, VMs, hosts, must or should, on or off; what is left out stays')
      .argument('<rule>', 'name or id of the rule')
      .option('--name <name>', 'another name')
      .option('--vm <vm>', 'the VMs that it is about from now on', collect, [])
      .option('--host <host>', 'the hosts from now on, as HOST or HOST=PRIORITY', collect, [])
      .option('--must', 'it must hold')
      .option('--should', 'it should hold')
      .option('--on', 'switch it on')
      .option('--off', 'switch it off'),
  ).action(
    runs<[string], CreateOptions & { name?: string; must?: boolean; on?: boolean }>(
      async (context, options, given) => {
        const inventory = await Inventory.of(context.api)
        const { id, name } = ruleOf(inventory, given)
        const { reason, dryRun } = options
        const done = await context.api.rule.change.mutate({
          ruleId: id,
          changes: {
            name: options.name,
            strict: options.must ? true : options.should ? false : undefined,
            enabled: options.on ? true : options.off ? false : undefined,
            vmIds: options.vm.length > 0 ? options.vm.map((vm) => vmOf(inventory, vm)) : undefined,
            hosts: options.host.length > 0 ? options.host.map((host) => hostOf(inventory, host)) : undefined,
          },
          reason,
          dryRun,
        })
        finishChange(context, done, `The rule ${options.name ?? name} was changed.`)
      },
    ),
  )

  changeOptions(
    rule.command('delete').description('remove a rule; what runs stays where it is').argument('<rule>'),
  ).action(
    runs<[string], ChangeOptions>(async (context, { reason, dryRun }, given) => {
      const { id, name } = ruleOf(await Inventory.of(context.api), given)
      const done = await context.api.rule.delete.mutate({ ruleId: id, reason, dryRun })
      finishChange(context, done, `The rule ${name} was removed.`)
    }),
  )
}

function ruleOf(inventory: Inventory, given: string): Rule {
  return pick(inventory.rows.rule, given, 'rule', (rule) => `in ${inventory.nameOf(rule.clusterId)}`)
}

function vmOf(inventory: Inventory, given: string) {
  return pick(inventory.rows.vm, given, 'VM', (vm) => `on ${inventory.nameOf(vm.hostId)}`).id
}

/** Where the first VM or host that is named lives. */
function clusterOf(inventory: Inventory, { vm, host }: CreateOptions): Cluster | null {
  const vmId = vm[0] === undefined ? null : vmOf(inventory, vm[0])
  const hostId = host[0] === undefined ? null : hostOf(inventory, host[0]).hostId
  const { rows } = inventory
  const one = rows.vm.find(({ id }) => id === vmId) ?? rows.host.find(({ id }) => id === hostId)
  return rows.cluster.find(({ id }) => id === one?.clusterId) ?? null
}

/** `esx-03` or `esx-03=10`. */
function hostOf(inventory: Inventory, given: string): { hostId: HostId; priority: number } {
  const at = given.lastIndexOf('=')
  const name = at < 0 ? given : given.slice(0, at)
  const priority = at < 0 ? 0 : Number(given.slice(at + 1))
  if (!Number.isInteger(priority))
    throw new CliError(exitCodes.usage, `"${given}": the priority has to be a whole number. Use HOST=10`)
  return { hostId: inventory.host(name).id, priority }
}
