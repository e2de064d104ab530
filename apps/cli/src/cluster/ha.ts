import { type HaSettings, sayCount, sayDuration, sayPercent } from '@drover/model'
import { type Command, Option } from 'commander'
import { changeOptions, finishChange } from '../acting'
import { runs } from '../context'
import { Inventory } from '../inventory'
import { duration, integer, share } from '../output/quantity'

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
  selfFenceProof?: HaSettings['selfFenceProof']
  reference?: string[]
  quiet?: number
  startsPerHost?: number
  tierTimeout?: number
  hostFailures?: number
  admission?: HaSettings['admission']['action']
  admissionBy?: HaSettings['admission']['by']
  reservedShare?: number
  flapTimes?: number
  flapWindow?: number
  quarantine?: number
  onStart?: HaSettings['placement']['onStart']
  overcommit?: boolean
}

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
      .addOption(
        new Option('--self-fence-proof <whose>', 'whose deadline proves that a host is dead').choices([
          'watchdog',
          'agent',
        ]),
      )
      .option('--storm-hosts <n>', 'so many hosts silent at once are a storm', integer)
      .option('--storm-share <share>', 'when they are more than this share of the cluster', share)
      .option(
        '--reference <address...>',
        'host:port that control must reach before it believes others are gone',
      )
      .option('--quiet <time>', 'between two fences, at least', duration)
      .option('--starts-per-host <n>', 'VMs that start at once on one host', integer)
      .option('--tier-timeout <time>', 'after this long a tier no longer waits for the one before', duration)
      .addOption(
        new Option('--admission-by <what>', 'what has to stay free for failures').choices(['hosts', 'share']),
      )
      .option('--host-failures <n>', 'so many hosts may die and everything is restarted', integer)
      .option('--reserved-share <share>', 'with --admission-by share: of the memory, such as 25%', share)
      .addOption(
        new Option('--admission <action>', 'a power-on that would break that').choices([
          'refuse',
          'warn',
          'off',
        ]),
      )
      .option('--flap-times <n>', 'lost this often, a host gets no VMs for a while; 0: never', integer)
      .option('--flap-window <time>', 'within this time', duration)
      .option('--quarantine <time>', 'how long it gets none', duration)
      .addOption(
        new Option('--on-start <where>', 'where a VM that is off is powered on').choices(['home', 'best']),
      )
      .option('--overcommit', 'VMs may be promised more memory than a host has')
      .option('--no-overcommit', 'VMs are promised no more memory than a host has'),
  ).action(
    runs<[string], HaOptions>(async (context, options, given) => {
      const { id, name, ha } = (await Inventory.of(context.api)).cluster(given)
      const { reason, dryRun, stormHosts, stormShare } = options
      const { admission: action, admissionBy: by, hostFailures, reservedShare } = options
      const { flapTimes: times, flapWindow: windowMs, quarantine: quarantineMs } = options
      const changes = {
        suspectMs: options.suspect,
        decideMs: options.decide,
        isolatedHost: options.isolatedHost,
        isolationResponse: options.isolation,
        leaseMs: options.lease,
        selfFenceProof: options.selfFenceProof,
        storm: group({ hosts: stormHosts, share: stormShare }),
        referenceAddresses: options.reference,
        fenceQuietMs: options.quiet,
        startsPerHost: options.startsPerHost,
        tierTimeoutMs: options.tierTimeout,
        flap: group({ times, windowMs, quarantineMs }),
        admission: group({ by, hostFailures, reservedShare, action }),
        placement: group({ overcommitMemory: options.overcommit, onStart: options.onStart }),
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
    [
      'self-fence proves',
      ha.selfFenceProof === 'agent' ? 'with and without a watchdog' : 'with a watchdog only',
    ],
    ['storm', `${ha.storm.hosts} hosts and more than ${sayPercent(ha.storm.share)} of the cluster`],
    ['reference addresses', ha.referenceAddresses.join(', ') || null],
    ['between two fences', ha.fenceQuietMs === 0 ? 'no pause' : `at least ${sayDuration(ha.fenceQuietMs)}`],
    ['starts at once', `${ha.startsPerHost} per host`],
    ['tier timeout', sayDuration(ha.tierTimeoutMs)],
    ['flapping', sayFlap(ha.flap)],
    ['admission', sayAdmission(ha.admission)],
    ['powered on', ha.placement.onStart === 'home' ? 'where it is defined' : 'wherever is best then'],
    ['memory', ha.placement.overcommitMemory ? 'may be overcommitted' : 'is never overcommitted'],
  ]
}

function sayFlap({ times, windowMs, quarantineMs }: HaSettings['flap']): string {
  if (times === 0) return 'never quarantined'
  return `lost ${times} times in ${sayDuration(windowMs)}: no VMs for ${sayDuration(quarantineMs)}`
}

function sayAdmission({ action, by, hostFailures, reservedShare }: HaSettings['admission']): string {
  if (action === 'off') return 'off'
  const what =
    by === 'hosts'
      ? `${sayCount(hostFailures, 'host failure')} survivable`
      : `${sayPercent(reservedShare)} of the memory free`
  return `${action}, to keep ${what}`
}
