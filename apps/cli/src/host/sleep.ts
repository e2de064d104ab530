import type { Command } from 'commander'
import { type ActingOptions, actingOptions, changeOptions, finish, finishChange } from '../acting'
import { runs } from '../context'
import { CliError, exitCodes } from '../exit'
import { integer } from '../output/quantity'
import { findHost } from './find'

interface WattsOptions {
  dryRun?: boolean
  reason?: string
  idle?: number
  max?: number
  asleep?: number
  asCluster?: boolean
}

/** `drover host sleep|wake|watts`: one host's sleep, by hand. */
export function sleepCommands(host: Command): void {
  actingOptions(
    host
      .command('sleep')
      .description('empty a host live, shut it down, and leave it asleep until it is woken'),
  )
    .argument('<host>', 'name or id of the host')
    .option('--even-if-needed', 'also when those awake would not survive the failures that they should')
    .action(
      runs<[string], ActingOptions & { evenIfNeeded?: boolean }>(async (context, options, given) => {
        const { id: hostId, name } = await findHost(context.api, given)
        const { reason, dryRun, evenIfNeeded = false } = options
        const done = await context.api.host.sleep.mutate({ hostId, evenIfNeeded, reason, dryRun })
        await finish(context, done, options, name)
      }),
    )

  actingOptions(host.command('wake').description('wake a host that sleeps, and wait for its agent'))
    .argument('<host>', 'name or id of the host')
    .option('--test', 'it is awake: put it to sleep and wake it at once, to prove that it can be woken')
    .action(
      runs<[string], ActingOptions & { test?: boolean }>(async (context, options, given) => {
        const { id: hostId, name } = await findHost(context.api, given)
        const { reason, dryRun, test = false } = options
        await finish(
          context,
          await context.api.host.wake.mutate({ hostId, test, reason, dryRun }),
          options,
          name,
        )
      }),
    )

  changeOptions(host.command('watts').description('what a host draws, where it is not as its cluster says'))
    .argument('<host>', 'name or id of the host')
    .option('--idle <watts>', 'with nothing to do', integer)
    .option('--max <watts>', 'under full load', integer)
    .option('--asleep <watts>', 'asleep, with its board listening', integer)
    .option('--as-cluster', 'as its cluster says')
    .action(
      runs<[string], WattsOptions>(async (context, options, given) => {
        const { id: hostId, name } = await findHost(context.api, given)
        const { idle, max, asleep, asCluster, reason, dryRun } = options
        const own = idle !== undefined && max !== undefined && asleep !== undefined
        if (!asCluster && !own)
          throw new CliError(exitCodes.usage, 'Give --idle, --max and --asleep, or --as-cluster.')
        const model = asCluster || !own ? null : { idleWatts: idle, maxWatts: max, asleepWatts: asleep }
        const done = await context.api.host.changePowerModel.mutate({ hostId, model, reason, dryRun })
        finishChange(context, done, `${name} was changed.`)
      }),
    )
}
