import { type HaSettings, sayDuration, sayPercent } from '@drover/model'
import { type Command, Option } from 'commander'
import { changeOptions, finishChange } from '../acting'
import { runs } from '../context'
import { Inventory } from '../inventory'
import { duration, integer } from '../output/quantity'

interface ChangeOptions {
  dryRun?: boolean
  reason?: string
}

interface HaOptions extends ChangeOptions {
  suspect?: number
  decide?: number
  isolatedHost?: HaSettings['isolatedHost']
  isolation?: HaSettings['isolationResponse']
  lease?: number
  stormHosts?: number
  stormShare?: number
  reference?: string[]
  quiet?: number
  startsPerHost?: number
  tierTimeout?: number
  hostFailures?: number
  admission?: HaSettings['admission']['action']
}

const share = (text: string): number => Number(text)

/** `drover cluster ha NAME [--suspect 3s …]`, `drover cluster arm NAME` and `drover cluster disarm NAME`. */
export function addHa(cluster: Command): void {
  changeOptions(
    cluster
      .command('ha')
      .description('how a cluster looks after its VMs; without options: say it')
      .argument('<cluster>', 'name or id of the cluster')
      .option('--suspect <time>', 'silence until a host is suspect, such as 3s', duration)
      .option('--decide <time>', 'silence until it is decided what to do', duration)
      .addOption(
        new Option(
          '--isolated-host <how>',
          'what is done with a host that is cut off and runs its VMs',
        ).choices(['leave', 'fence']),
      )
      .addOption(
        new Option('--isolation <response>', 'for VMs that say nothing of their own').choices([
          'leave',
          'shutdown',
          'powerOff',
        ]),
      )
      .option('--lease <time>', 'an agent that reaches nothing for this long stops its VMs', duration)
      .option('--storm-hosts <n>', 'so many hosts silent at once are a storm', integer)
      .option('--storm-share <share>', 'when they are more than this share of the cluster', share)
      .option(
        '--reference <address...>',
        'host:port that control must reach before it believes others are gone',
      )
      .option('--quiet <time>', 'between two fences, at least', duration)
      .option('--starts-per-host <n>', 'VMs that start at once on one host', integer)
      .option('--tier-timeout <time>', 'after this long a tier no longer waits for the one before', duration)
      .option('--host-failures <n>', 'so many hosts may die and everything is restarted', integer)
      .addOption(
        new Option('--admission <action>', 'a power-on that would break that').choices([
          'refuse',
          'warn',
          'off',
        ]),
      ),
  ).action(
    runs<[string], HaOptions>(async (context, options, given) => {
      const { id, name, ha } = (await Inventory.of(context.api)).cluster(given)
      const { reason, dryRun, stormHosts, stormShare, hostFailures, admission } = options
      const changes = {
        suspectMs: options.suspect,
        decideMs: options.decide,
        isolatedHost: options.isolatedHost,
        isolationResponse: options.isolation,
        leaseMs: options.lease,
        storm: group({ hosts: stormHosts, share: stormShare }),
        referenceAddresses: options.reference,
        fenceQuietMs: options.quiet,
        startsPerHost: options.startsPerHost,
        tierTimeoutMs: options.tierTimeout,
        admission: group({ hostFailures, action: admission }),
      }
      if (!group(changes)) return context.out.one({ ha }, say(ha))
      const done = await context.api.cluster.changeHa.mutate({ clusterId: id, changes, reason, dryRun })
      finishChange(context, done, `${name} was changed.`)
    }),
  )

  changeOptions(
    cluster.command('arm').description('look after VMs again').argument('<cluster>', 'name or id'),
  ).action(
    runs<[string], ChangeOptions>(async (context, { reason, dryRun }, given) => {
      const { id, name } = (await Inventory.of(context.api)).cluster(given)
      const input = { clusterId: id, changes: { mode: 'armed' as const }, reason, dryRun }
      finishChange(context, await context.api.cluster.changeHa.mutate(input), `${name} is armed.`)
    }),
  )

  changeOptions(
    cluster
      .command('disarm')
      .description('start, move and fence nothing until it is armed again')
      .argument('<cluster>', 'name or id')
      .option('--hands-off', 'do not even watch'),
  ).action(
    runs<[string], ChangeOptions & { handsOff?: boolean }>(
      async (context, { reason, dryRun, handsOff }, given) => {
        const { id, name } = (await Inventory.of(context.api)).cluster(given)
        const mode = handsOff ? ('handsOff' as const) : ('hold' as const)
        const input = { clusterId: id, changes: { mode }, reason, dryRun }
        const done = await context.api.cluster.changeHa.mutate(input)
        finishChange(context, done, `${name} is disarmed. Arm it again: drover cluster arm ${name}`)
      },
    ),
  )
}

function group<G extends object>(values: G): G | undefined {
  return Object.values(values).some((value) => value !== undefined) ? values : undefined
}

function say(ha: HaSettings): [string, string | null][] {
  return [
    ['mode', ha.modeReason ? `${ha.mode} (${ha.modeReason})` : ha.mode],
    ['suspect after', sayDuration(ha.suspectMs)],
    ['decided after', sayDuration(ha.decideMs)],
    ['isolated host', ha.isolatedHost],
    ['isolation response', ha.isolationResponse],
    ['lease', sayDuration(ha.leaseMs)],
    ['storm', `${ha.storm.hosts} hosts and more than ${sayPercent(ha.storm.share)} of the cluster`],
    ['reference addresses', ha.referenceAddresses.join(', ') || null],
    ['between two fences', sayDuration(ha.fenceQuietMs)],
    ['starts at once', `${ha.startsPerHost} per host`],
    ['tier timeout', sayDuration(ha.tierTimeoutMs)],
    ['admission', `${ha.admission.action}, ${ha.admission.hostFailures} host failures`],
  ]
}
