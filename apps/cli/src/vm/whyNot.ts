import type { Vm } from '@drover/model'
import { type Command, Option } from 'commander'
import { changeOptions, finishChange } from '../acting'
import { runs } from '../context'
import { Inventory } from '../inventory'
import { pick } from '../resolve'

type Level = NonNullable<Vm['automation']> | 'cluster'

/** `drover vm why-not VM HOST` and `drover vm automation VM LEVEL`. */
export function whyNotCommands(vm: Command): void {
  vm.command('why-not')
    .description('why a VM is not on a host: what forbids it, and what loads would come to')
    .argument('<vm>')
    .argument('<host>')
    .action(
      runs<[string, string]>(async ({ api, out }, _, givenVm, givenHost) => {
        const inventory = await Inventory.of(api)
        const { id: vmId } = pick(inventory.rows.vm, givenVm, 'VM')
        const { id: hostId } = inventory.host(givenHost)
        const answer = await api.vm.whyNot.query({ vmId, hostId })
        const rest = answer.reasons.slice(1).map(({ text }) => `Besides: ${text}`)
        out.say([answer.text, ...rest].join('\n'), answer)
      }),
    )

  changeOptions(
    vm
      .command('automation')
      .description('how far rules go with a VM by themselves; it only ever holds them back')
      .argument('<vm>')
      .addOption(
        new Option('--level <level>', 'cluster: as its cluster says')
          .choices(['cluster', 'manual', 'partial', 'full'])
          .makeOptionMandatory(),
      ),
  ).action(
    runs<[string], { level: Level; reason?: string; dryRun?: boolean }>(
      async (context, { level, reason, dryRun }, given) => {
        const { id: vmId, name } = pick((await Inventory.of(context.api)).rows.vm, given, 'VM')
        const automation = level === 'cluster' ? null : level
        const done = await context.api.vm.changeAutomation.mutate({ vmId, automation, reason, dryRun })
        finishChange(context, done, `${name} was changed.`)
      },
    ),
  )
}
