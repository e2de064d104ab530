import type { Command } from 'commander'
import { type ActingOptions, actingOptions, finish } from '../acting'
import { runs } from '../context'
import { duration } from '../output/quantity'
import { findVm } from './find'

const verbs = {
  start: 'power on',
  shutdown: 'ask the guest to shut down, and wait for it',
  stop: 'pull the plug; what the guest has not written is lost',
  reboot: 'ask the guest to reboot',
  reset: 'press the reset button; what the guest has not written is lost',
  suspend: 'let it stand still, in memory',
  resume: 'let a suspended one go on',
} as const

const patient: readonly string[] = ['shutdown', 'reboot']

/** `drover vm start|shutdown|…`: one shape for all power verbs. */
export function addActions(vm: Command): void {
  for (const [verb, description] of Object.entries(verbs) as [keyof typeof verbs, string][]) {
    const command = vm.command(verb).description(description).argument('<vm>', 'name or id of the VM')
    if (patient.includes(verb)) {
      command.option('--deadline <time>', 'how long the guest may take, such as 90s or 5m', duration)
    }
    actingOptions(command).action(
      runs<[string], ActingOptions & { deadline?: number }>(async (context, options, name) => {
        const { id } = await findVm(context.api, name)
        const { reason, dryRun, deadline } = options
        const acted = await context.api.vm[verb].mutate({
          vmId: id,
          reason,
          dryRun,
          ...(deadline === undefined ? {} : { deadlineMs: deadline }),
        })
        await finish(context, acted, options, name)
      }),
    )
  }
}
