import {
  sayBytes,
  sayDuration,
  sayList,
  sayPercent,
  sayRefusals,
  type WhatIf,
  type WhatIfVm,
} from '@drover/model'
import type { Command } from 'commander'
import { runs } from '../context'
import { CliError, exitCodes } from '../exit'
import { Inventory } from '../inventory'
import { table } from '../output/table'

const collect = (value: string, all: string[]) => [...all, value]

/** `drover cluster failover` and `drover cluster what-if` */
export function failureCommands(cluster: Command): void {
  cluster
    .command('failover')
    .description('what failures the cluster survives now, and the worst that it does not')
    .argument('[cluster]', 'name or id; may be left out when there is only one')
    .action(
      runs<[string | undefined]>(async ({ api, out }, _options, given) => {
        const inventory = await Inventory.of(api)
        const found = inventory.onlyCluster(given)
        if (!found) throw new CliError(exitCodes.usage, 'There are several clusters. Say which one.')
        const capacity = await api.cluster.failover.query({ clusterId: found.id })
        const { memory, worst } = capacity
        out.one(capacity, [
          ['cluster', found.name],
          ['in short', capacity.text],
          ['survives', `any ${capacity.tolerates} of ${capacity.hosts} hosts in service`],
          ['as required', capacity.ok ? 'yes' : 'no'],
          ['worst failure', worst && sayList(worst.lost.map(({ name }) => name))],
          ['without a place', worst && sayList(worst.vms.map(({ name }) => name))],
          ['memory used', `${sayBytes(memory.usedBytes)} of ${sayBytes(memory.totalBytes)}`],
          ['kept free', sayBytes(memory.keptFreeBytes)],
        ])
        if (!capacity.ok) process.exitCode = exitCodes.refused
      }),
    )

  cluster
    .command('what-if')
    .description('what would come of losing hosts or datastores now; changes nothing')
    .option('--host <host>', 'a host that dies; say it once for each', collect, [])
    .option('--datastore <datastore>', 'a datastore that dies; say it once for each', collect, [])
    .action(
      runs<[], { host: string[]; datastore: string[] }>(async ({ api, out }, { host, datastore }) => {
        if (host.length + datastore.length === 0)
          throw new CliError(exitCodes.usage, 'Say what dies: --host HOST or --datastore DATASTORE')
        const inventory = await Inventory.of(api)
        const answer = await api.cluster.whatIf.query({
          hostIds: host.map((name) => inventory.host(name).id),
          datastoreIds: datastore.map((name) => inventory.datastore(name).id),
        })
        out.say(sayWhatIf(answer), answer)
      }),
    )
}

/** The answer in lines: how it would go on, each VM, the load after it, and what to worry about. */
export function sayWhatIf({ lost, vms, stages, hosts, warnings, ...rest }: WhatIf): string {
  const what = sayList([...lost.hosts, ...lost.datastores].map(({ name }) => name))
  const { restarted, notRestarted, allRunningMs } = rest
  const when = allRunningMs === null ? '' : `, the last one after ${sayDuration(allRunningMs)}`
  const lines = [
    `If ${what} died now: ${restarted} restarted${when}; ${notRestarted} not restarted.`,
    ...stages.map(({ afterMs, text }) => `  ${sayDuration(afterMs).padStart(8)}  ${text}`),
  ]
  if (vms.length > 0)
    lines.push(
      '',
      table(vms, [
        { title: 'vm', of: ({ vm }) => vm.name },
        { title: 'from', of: ({ from }) => from.name },
        { title: 'tier', of: ({ tier }) => tier, right: true },
        { title: 'then on', of: ({ target }) => target?.name ?? '-' },
        { title: 'after', of: ({ afterMs }) => (afterMs === null ? '-' : sayDuration(afterMs)), right: true },
        { title: 'why', of: whyOf },
      ]),
    )
  if (hosts.length > 0)
    lines.push(
      '',
      table(hosts, [
        { title: 'host', of: (one) => one.host.name },
        { title: 'memory now', of: ({ memoryBefore }) => sayPercent(memoryBefore), right: true },
        { title: 'then', of: ({ memoryAfter }) => sayPercent(memoryAfter), right: true },
      ]),
    )
  for (const warning of warnings) lines.push('', `! ${warning}`)
  return lines.join('\n')
}

function whyOf({ why, note }: WhatIfVm): string {
  return note ?? sayRefusals(why)
}
