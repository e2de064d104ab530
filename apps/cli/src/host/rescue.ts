import { type HostId, sayList, sayRefusals } from '@drover/model'
import type { Command } from 'commander'
import { type ActingOptions, actingOptions, changeOptions, confirmed, finish, finishChange } from '../acting'
import { type Context, runs } from '../context'
import { findHost } from './find'

interface ChangeOptions {
  dryRun?: boolean
  reason?: string
}

type Forecast = Awaited<ReturnType<Context['api']['host']['planFence']['query']>>

function sayDeaths({ vms }: Forecast): string {
  return vms.length === 0 ? 'No VM runs there.' : `These VMs die: ${sayList(vms.map((vm) => vm.name))}.`
}

async function question({ api }: Context, hostId: HostId, name: string): Promise<string> {
  return `${name} will be switched off. ${sayDeaths(await api.host.planFence.query({ hostId }))}`
}

/** Says which VMs would die, and where each would run again. Answers the name, so that nothing but the rest is checked. */
async function foretold({ api, out }: Context, hostId: HostId, name: string): Promise<string> {
  const shown = await api.host.planFence.query({ hostId })
  out.note(sayDeaths(shown))
  for (const { vm, target, note, why } of shown.restarts)
    out.note(`  ${vm.name}: ${target ? `restarts on ${target.name}` : (note ?? sayRefusals(why))}`)
  return name
}

/** `drover host fence|confirm-off|power-on|evidence|end-quarantine`: hosts that are lost, or have to be. */
export function rescueCommands(host: Command): void {
  host
    .command('evidence')
    .description('what is known of a host from all sides: agent, datastores, power, peers')
    .argument('<host>', 'name or id of the host')
    .action(
      runs<[string]>(async ({ api, out }, _options, given) => {
        const { id: hostId } = await findHost(api, given)
        const shown = await api.host.evidence.query({ hostId })
        const sides = shown.evidence.map(({ side, says, text }): [string, string] => [
          side,
          `${text} (${says})`,
        ])
        out.one(shown, [...sides, ['so', shown.finding]])
      }),
    )

  actingOptions(
    host.command('fence').description('switch a host off, whatever runs there, and make sure of it'),
  )
    .argument('<host>', 'name or id of the host')
    .option('--confirm <name>', 'its name once more, instead of being asked')
    .action(
      runs<[string], ActingOptions & { confirm?: string }>(async (context, options, given) => {
        const { api } = context
        const { id: hostId, name } = await findHost(api, given)
        const { reason, dryRun } = options
        // Who has confirmed it needs no forecast, and has it done also where none can be made.
        const confirmName = options.dryRun
          ? await foretold(context, hostId, name)
          : (options.confirm ?? (await confirmed(undefined, name, await question(context, hostId, name))))
        await finish(
          context,
          await api.host.fence.mutate({ hostId, confirmName, reason, dryRun }),
          options,
          name,
        )
      }),
    )

  changeOptions(
    host.command('confirm-off').description('vouch that a host is off, when nothing else can prove it'),
  )
    .argument('<host>', 'name or id of the host')
    .option('--confirm <name>', 'its name once more, instead of being asked')
    .action(
      runs<[string], ChangeOptions & { confirm?: string }>(async (context, options, given) => {
        const { id: hostId, name } = await findHost(context.api, given)
        const question = `You vouch that ${name} is off; its VMs are started elsewhere. If it still runs, they run twice.`
        const confirmName = options.dryRun ? name : await confirmed(options.confirm, name, question)
        const { reason, dryRun } = options
        const done = await context.api.host.confirmOff.mutate({ hostId, confirmName, reason, dryRun })
        finishChange(context, done, `${name} counts as off from now on.`)
      }),
    )

  actingOptions(
    host.command('power-on').description('switch a host on by its fence device, and wait for its agent'),
  )
    .argument('<host>', 'name or id of the host')
    .action(
      runs<[string], ActingOptions>(async (context, options, given) => {
        const { id: hostId, name } = await findHost(context.api, given)
        const { reason, dryRun } = options
        await finish(
          context,
          await context.api.host.powerOn.mutate({ hostId, reason, dryRun }),
          options,
          name,
        )
      }),
    )

  changeOptions(
    host.command('end-quarantine').description('let a host have VMs again that was lost too often'),
  )
    .argument('<host>', 'name or id of the host')
    .action(
      runs<[string], ChangeOptions>(async (context, { reason, dryRun }, given) => {
        const { id: hostId, name } = await findHost(context.api, given)
        const done = await context.api.host.endQuarantine.mutate({ hostId, reason, dryRun })
        finishChange(context, done, `${name} may have VMs again.`)
      }),
    )
}
