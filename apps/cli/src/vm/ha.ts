import { sayDuration, sayRefusals, type VmHa } from '@drover/model'
import { type Command, Option } from 'commander'
import { changeOptions, finishChange } from '../acting'
import { runs } from '../context'
import { duration, integer } from '../output/quantity'
import { findVm } from './find'

interface HaOptions {
  dryRun?: boolean
  reason?: string
  restart?: VmHa['restart']
  tier?: number
  ready?: number
  isolation?: NonNullable<VmHa['isolation']> | 'cluster'
  retries?: number
  otherHosts?: number
  failback?: boolean
  evacuate?: 'move' | 'stop'
}

/** `drover vm ha web-17 [--restart protected …]` and `drover vm want web-17 running`. */
export function addHa(vm: Command): void {
  changeOptions(
    vm
      .command('ha')
      .description('how a VM is looked after; without options: say it')
      .argument('<vm>', 'name or id of the VM')
      .addOption(
        new Option('--restart <how>', 'when it is lost').choices(['protected', 'bestEffort', 'none']),
      )
      .option('--tier <n>', '1 starts first, 5 last', integer)
      .option('--ready <time>', 'counts as ready this long after it runs, such as 30s', duration)
      .addOption(
        new Option('--isolation <response>', 'when its host is cut off').choices([
          'leave',
          'shutdown',
          'powerOff',
          'cluster',
        ]),
      )
      .option('--retries <n>', 'further attempts on a host where its start failed', integer)
      .option('--other-hosts <n>', 'hosts to try after that', integer)
      .option('--failback', 'go back where it belongs when that host is there again')
      .option('--no-failback', 'stay where it was restarted')
      .addOption(new Option('--evacuate <how>', 'when its host is emptied').choices(['move', 'stop'])),
  ).action(
    runs<[string], HaOptions>(async (context, options, name) => {
      const { id } = await findVm(context.api, name)
      const { vm: row } = await context.api.vm.show.query({ vmId: id })
      const { retries, otherHosts, isolation } = options
      const tries = { sameHost: retries, otherHosts }
      const ha = {
        restart: options.restart,
        tier: options.tier as VmHa['tier'] | undefined,
        readyMs: options.ready,
        isolation: isolation === 'cluster' ? null : isolation,
        retries:
          retries === undefined && otherHosts === undefined
            ? undefined
            : {
                sameHost: tries.sameHost ?? row.ha.retries.sameHost,
                otherHosts: tries.otherHosts ?? row.ha.retries.otherHosts,
              },
        failback: options.failback,
        evacuate: options.evacuate,
      }
      if (Object.values(ha).every((value) => value === undefined)) {
        const { recovery } = row
        return context.out.one({ desired: row.desired, ha: row.ha, recovery }, [
          ['should be', row.desired],
          ['restart', row.ha.restart],
          ['tier', String(row.ha.tier)],
          ['ready after', sayDuration(row.ha.readyMs)],
          ['when its host is cut off', row.ha.isolation ?? 'as its cluster says'],
          ['further attempts', `${row.ha.retries.sameHost} there, then ${row.ha.retries.otherHosts} hosts`],
          ['failback', row.ha.failback ? 'yes' : 'no'],
          ['when its host is emptied', row.ha.evacuate ?? 'move'],
          ['recovery', recovery && `${recovery.state}. ${sayRefusals(recovery.why)}`],
        ])
      }
      const { reason, dryRun } = options
      const done = await context.api.vm.changeHa.mutate({ vmId: id, ha, reason, dryRun })
      finishChange(context, done, `${name} was changed.`)
    }),
  )

  changeOptions(
    vm
      .command('want')
      .description('say whether a VM should run; what should and does not is started wherever it can be')
      .argument('<vm>', 'name or id of the VM')
      .argument('<desired>', 'running or stopped'),
  ).action(
    runs<[string, string], { dryRun?: boolean; reason?: string }>(
      async (context, { reason, dryRun }, name, desired) => {
        const { id } = await findVm(context.api, name)
        const wanted = desired as 'running' | 'stopped'
        const done = await context.api.vm.setDesired.mutate({ vmId: id, desired: wanted, reason, dryRun })
        finishChange(context, done, `${name} should be ${desired} from now on.`)
      },
    ),
  )
}
