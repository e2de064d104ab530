import type { RollingPlan } from '@drover/model'
import { sayBytes, sayDuration, sayRefusal } from '@drover/model'
import { type Command, Option } from 'commander'
import { type ActingOptions, actingOptions, changeOptions, finish, finishChange } from '../acting'
import { required, runs } from '../context'
import { exitCodes } from '../exit'
import { findHost } from '../host/find'
import { Inventory } from '../inventory'
import { integer } from '../output/quantity'

interface RollOptions extends ActingOptions {
  host?: string[]
  width: number
  action: RollingPlan['action']
  cold?: boolean
}

/** `drover cluster roll`, `drover cluster roll-continue` */
export function rollCommands(cluster: Command): void {
  actingOptions(
    cluster.command('roll').description('take every host out of service in turn, and bring its VMs back'),
  )
    .argument('[cluster]', 'which; may be left out when there is only one')
    .addOption(
      new Option('--action <what>', 'what is done with each host while it is empty')
        .choices(['reboot', 'pause', 'nothing'])
        .default('reboot'),
    )
    .option('--host <host...>', 'only these, in this order')
    .option('--width <count>', 'how many at once, at most', integer, 1)
    .option('--cold', 'VMs that cannot go live are shut down, moved and started again')
    .action(
      runs<[string | undefined], RollOptions>(async (context, options, given) => {
        const { api, out } = context
        const found = (await Inventory.of(api)).onlyCluster(given)
        const { id, name } = required(found, 'Say which cluster. See: drover cluster list')
        const hosts = options.host && (await Promise.all(options.host.map((host) => findHost(api, host))))
        const { action, cold = false, reason, dryRun } = options
        const input = { clusterId: id, hostIds: hosts?.map((host) => host.id) ?? null, action, cold }
        const done = await api.cluster.roll.mutate({ ...input, width: options.width, reason, dryRun })
        if (!dryRun) return finish(context, done, options, name)
        out.say(sayRolling(done.rolling), done)
        if (!done.plan.verdict.ok) process.exitCode = exitCodes.refused
      }),
    )

  changeOptions(cluster.command('roll-continue').description('let a roll go on that has paused at a host'))
    .argument('<task>', 'id of the roll, such as task-17')
    .action(
      runs<[string], { reason?: string; dryRun?: boolean }>(async (context, { reason, dryRun }, given) => {
        const taskId = given as `task-${number}`
        const done = await context.api.cluster.rollContinue.mutate({ taskId, reason, dryRun })
        finishChange(context, done, 'The roll goes on.')
      }),
    )
}

/** A plan to go through a cluster, in lines. */
function sayRolling({ hosts, width, action, evacuations, refusals }: RollingPlan): string {
  const lines = [`Would go through ${hosts.length} hosts, ${width} at a time; with each: ${action}.`]
  for (const { host, vms, expectedMs, bytes } of evacuations ?? []) {
    const time = expectedMs === null ? '' : `, about ${sayDuration(expectedMs)} each way`
    lines.push(`  ${host.name}: ${vms === 1 ? '1 VM' : `${vms} VMs`}, ${sayBytes(bytes)}${time}`)
  }
  if (refusals.length > 0) lines.push('It cannot be done now:')
  for (const refusal of refusals) lines.push(`  - ${sayRefusal(refusal)}`)
  return [...lines, 'Nothing was changed.'].join('\n')
}
