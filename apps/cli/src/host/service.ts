import { type EvacuationPlan, type GuestPolicy, sayRefusal, type TaskId, type TaskPlan } from '@drover/model'
import { type Command, Option } from 'commander'
import { type ActingOptions, actingOptions, confirmed, finish } from '../acting'
import { type Context, runs } from '../context'
import { exitCodes } from '../exit'
import { sayPlan } from '../plan'
import { sayEvacuation } from './evacuation'
import { findHost } from './find'

interface EmptyOptions extends ActingOptions {
  cold?: boolean
  partial?: boolean
}

interface Answer {
  taskId: TaskId | null
  plan: TaskPlan
  evacuation: EvacuationPlan
}

/** The options of what empties a host. */
function emptying(command: Command): Command {
  return actingOptions(command)
    .argument('<host>', 'name or id of the host')
    .option('--cold', 'VMs that cannot go live are shut down, moved and started again')
    .option('--partial', 'move what can be moved and wait for the rest, instead of refusing')
}

/** `drover host evacuate|maintenance|shutdown|reboot`: taking a host out of service and back. */
export function serviceCommands(host: Command): void {
  emptying(host.command('evacuate').description('move every VM off a host; it stays in service')).action(
    runs<[string], EmptyOptions>(async (context, options, given) => {
      const { id, name } = await findHost(context.api, given)
      const input = await approved(context, id, options)
      await ended(context, await context.api.host.evacuate.mutate(input), options, name)
    }),
  )

  host
    .command('plan')
    .description('where each VM of a host would go, how and in what time, or why it can go nowhere')
    .argument('<host>', 'name or id of the host')
    .option('--cold', 'VMs that cannot go live may be shut down, moved and started again')
    .action(
      runs<[string], { cold?: boolean }>(async ({ api, out }, { cold = false }, given) => {
        const { id: hostId } = await findHost(api, given)
        const plan = await api.host.planEvacuation.query({ hostId, cold })
        out.say([sayEvacuation(plan), ...plan.refusals.map(sayRefusal)].join('\n'), plan)
        if (!plan.complete) process.exitCode = exitCodes.refused
      }),
    )

  const maintenance = host.command('maintenance').description('take a host out of service and back')
  emptying(
    maintenance.command('enter').description('no new VMs, then every VM moved away, then in maintenance'),
  ).action(
    runs<[string], EmptyOptions>(async (context, options, given) => {
      const { id, name } = await findHost(context.api, given)
      const input = await approved(context, id, options)
      const done = await context.api.host.enterMaintenance.mutate(input)
      await ended(context, done, options, name, `${name} is in maintenance.`)
    }),
  )
  actingOptions(maintenance.command('exit').description('put a host back into service'))
    .argument('<host>', 'name or id of the host')
    .option('--home', 'bring back the VMs that were moved away from it')
    .action(
      runs<[string], ActingOptions & { home?: boolean }>(async (context, options, given) => {
        const { id, name } = await findHost(context.api, given)
        const { reason, dryRun, home = false } = options
        const done = await context.api.host.exitMaintenance.mutate({ hostId: id, home, reason, dryRun })
        await ended(context, done, options, name, `${name} is back in service.`)
      }),
    )

  for (const reboot of [false, true]) powerCommand(host, reboot)
}

const policies: Record<string, GuestPolicy> = {
  evacuate: 'evacuate',
  failover: 'failover',
  'restart-in-place': 'restartInPlace',
  hold: 'hold',
}

function powerCommand(host: Command, reboot: boolean): void {
  const verb = reboot ? 'reboot' : 'shutdown'
  const guests = new Option(
    '--guests <policy>',
    'evacuate: moved away before; failover: shut down, started elsewhere; restart-in-place, hold: shut down, started there again',
  )
  emptying(host.command(verb).description(`${reboot ? 'reboot' : 'shut down'} a host`))
    .addOption(guests.choices(Object.keys(policies)).default('evacuate'))
    .option('--confirm <name>', 'its name once more, instead of being asked')
    .action(
      runs<[string], EmptyOptions & { guests: string; confirm?: string }>(async (context, options, given) => {
        const { id, name } = await findHost(context.api, given)
        const policy = policies[options.guests] ?? 'evacuate'
        const question = `${name} will ${reboot ? 'reboot' : 'be off'}.`
        const confirmName = options.dryRun ? name : await confirmed(options.confirm, name, question)
        const input = policy === 'evacuate' ? await approved(context, id, options) : basic(id, options)
        const done = await context.api.host.shutdown.mutate({ ...input, reboot, guests: policy, confirmName })
        await ended(context, done, options, name)
      }),
    )
}

function basic(hostId: `host-${number}`, { cold, partial, reason, dryRun }: EmptyOptions) {
  return { hostId, cold: cold ?? false, partial: partial ?? false, reason, dryRun }
}

/** Shows the plan and asks for exactly that one. */
async function approved({ api, out }: Context, hostId: `host-${number}`, options: EmptyOptions) {
  const input = basic(hostId, options)
  if (options.dryRun) return input
  const plan = await api.host.planEvacuation.query({ hostId, cold: input.cold })
  if (plan.complete || options.partial) out.note(sayEvacuation(plan))
  return { ...input, fingerprint: plan.fingerprint }
}

async function ended(
  context: Context,
  answer: Answer,
  options: ActingOptions,
  name: string,
  already?: string,
): Promise<void> {
  const { out } = context
  if (!options.dryRun && answer.taskId === null && already) return out.say(already, answer)
  if (!options.dryRun) return finish(context, answer, options, name)
  out.say(`${sayEvacuation(answer.evacuation)}\n${sayPlan(answer.plan, name)}`, answer)
  if (!answer.plan.verdict.ok) process.exitCode = exitCodes.refused
}
