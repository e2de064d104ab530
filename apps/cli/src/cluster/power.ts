import {
  type Cluster,
  type ClusterPower,
  defaultPowerSettings,
  type EnergyLedger,
  type HostPower,
  type PowerSettings,
  sayDuration,
  sayPercent,
  sayPower,
  sayWindows,
  type TimeWindow,
} from '@drover/model'
import { type Command, Option } from 'commander'
import { changeOptions, finishChange } from '../acting'
import { runs } from '../context'
import { findHost } from '../host/find'
import { Inventory } from '../inventory'
import { duration, integer, sayTime, share } from '../output/quantity'
import { table } from '../output/table'
import { timeWindow } from '../output/window'
import { warn } from '../threshold/commands'

interface PowerOptions {
  dryRun?: boolean
  reason?: string
  settings?: boolean
  days?: number
  mode?: PowerSettings['mode']
  host?: string[]
  allHosts?: boolean
  window?: TimeWindow[]
  always?: boolean
  minAwake?: number
  reserve?: number
  fillTo?: number
  wakeAbove?: number
  hold?: number
  dwell?: number
  ahead?: number
  idleWatts?: number
  maxWatts?: number
  asleepWatts?: number
}

/** `drover cluster power NAME [--mode full …]`: who sleeps and why, or how it is decided. */
export function powerCommands(cluster: Command): void {
  changeOptions(
    cluster
      .command('power')
      .description('who sleeps to save power, why, and what it saved; with options: change how it is decided')
      .argument('<cluster>', 'name or id of the cluster')
      .option('--settings', 'say how it is decided')
      .option('--days <n>', 'how far back the energy is added up', integer)
      .addOption(
        new Option('--mode <mode>', 'nobody sleeps, sleep is recommended, or done').choices([
          'off',
          'manual',
          'full',
        ]),
      )
      .option('--host <hosts...>', 'only these may sleep')
      .option('--all-hosts', 'every host may sleep whose wake-up was proven')
      .option('--window <window>', 'hosts sleep only then: "mon-fri 20:00-06:00 Europe/Berlin"', timeWindow)
      .option('--always', 'hosts may sleep at any time')
      .option('--min-awake <n>', 'never fewer hosts awake', integer)
      .option('--reserve <share>', 'kept free beside the failover capacity, of what is needed', share)
      .option('--fill-to <share>', 'hosts that stay awake are filled up to this', share)
      .option('--wake-above <share>', 'hosts are woken when those awake need more', share)
      .option('--hold <time>', 'a host sleeps when it was not needed for this long', duration)
      .option('--dwell <time>', 'a host stays awake or asleep for this long at least', duration)
      .option('--ahead <time>', 'hosts are woken this long before the daily rise', duration)
      .option('--idle-watts <watts>', 'what a host draws with nothing to do', integer)
      .option('--max-watts <watts>', 'what a host draws under full load', integer)
      .option('--asleep-watts <watts>', 'what a host draws asleep', integer),
  ).action(
    runs<[string], PowerOptions>(async (context, options, given) => {
      const { id, name, power = defaultPowerSettings } = (await Inventory.of(context.api)).cluster(given)
      const changes = await changesOf(context, options)
      if (Object.values(changes).some((value) => value !== undefined)) {
        const { reason, dryRun } = options
        const done = await context.api.cluster.changePower.mutate({ clusterId: id, changes, reason, dryRun })
        finishChange(context, done, `${name} was changed.`)
        return warn(context, done.conflicts)
      }
      if (options.settings) return context.out.one({ power }, say(power, await Inventory.of(context.api)))
      const days = options.days === undefined ? {} : { days: options.days }
      const page = await context.api.cluster.power.query({ clusterId: id, ...days })
      context.out.say(sayPowerPage(page), page)
    }),
  )
}

async function changesOf(context: Parameters<Parameters<typeof runs>[0]>[0], options: PowerOptions) {
  const { mode, minAwake, reserve, fillTo, wakeAbove, idleWatts, maxWatts, asleepWatts } = options
  const hosts = options.host
    ? await Promise.all(options.host.map(async (host) => (await findHost(context.api, host)).id))
    : undefined
  const model = { idleWatts, maxWatts, asleepWatts }
  return {
    mode,
    hostIds: options.allHosts ? null : hosts,
    windows: options.always ? [] : options.window,
    minAwake,
    reserve,
    fillTo,
    wakeAbove,
    holdMs: options.hold,
    dwellMs: options.dwell,
    wakeAheadMs: options.ahead,
    model: Object.values(model).some((value) => value !== undefined) ? model : undefined,
  }
}

function say(power: NonNullable<Cluster['power']>, inventory: Inventory): [string, string | null][] {
  const { idleWatts, maxWatts, asleepWatts } = power.model
  return [
    ['mode', power.mode],
    [
      'may sleep',
      power.hostIds === null
        ? 'every host whose wake-up was proven'
        : power.hostIds.map((id) => inventory.nameOf(id)).join(', ') || 'none',
    ],
    ['when', power.windows.length === 0 ? 'always' : sayWindows(power.windows)],
    ['awake', `at least ${power.minAwake}`],
    ['reserve', sayPercent(power.reserve)],
    ['filled to', sayPercent(power.fillTo)],
    ['woken above', sayPercent(power.wakeAbove)],
    ['sleeps after', sayDuration(power.holdMs)],
    ['stays so for', sayDuration(power.dwellMs)],
    ['woken ahead by', sayDuration(power.wakeAheadMs)],
    ['a host draws', `${idleWatts} W idle, ${maxWatts} W under full load, ${asleepWatts} W asleep`],
  ]
}

/** The power page in lines. */
export function sayPowerPage({ settings, hosts, held, watts, savedWatts, ledger }: ClusterPower): string {
  const lines = [
    sayPower(settings, (id) => hosts.find(({ host }) => host.id === id)?.host.name ?? id),
    `Hosts draw ${Math.round(watts)} W; sleep saves ${Math.round(savedWatts)} W.`,
    ...held,
    '',
    table(hosts, [
      { title: 'host', of: ({ host }) => host.name },
      { title: 'is', of: ({ standby }) => standby },
      { title: 'since', of: ({ sinceAt }) => sayTime(sinceAt) },
      { title: 'until', of: sayUntil },
      { title: 'W', of: (row) => (row.watts === null ? '' : Math.round(row.watts)), right: true },
      { title: 'wakes in', of: ({ wake }) => (wake ? sayDuration(wake.ms) : 'not proven') },
      {
        title: 'why',
        of: ({ text, failed }) => (failed ? `${text} Could not be woken: ${failed.why}` : text),
      },
    ]),
    '',
    sayLedger(ledger),
  ]
  return lines.join('\n')
}

function sayUntil({ standby, byHand, until }: HostPower): string {
  if (standby !== 'asleep') return ''
  return byHand ? 'woken by hand' : until === null ? 'needed' : sayTime(until)
}

function sayLedger({ fromAt, usedWh, savedWh, days }: EnergyLedger): string {
  const hours = days.reduce((sum, { asleepHostHours }) => sum + asleepHostHours, 0)
  return `Since ${sayTime(fromAt).slice(0, 10)}: ${kWh(usedWh)} drawn, ${kWh(savedWh)} saved by ${hours.toFixed(1)} host hours of sleep, by the hosts' power models.`
}

function kWh(wattHours: number): string {
  return wattHours < 1_000 ? `${Math.round(wattHours)} Wh` : `${(wattHours / 1_000).toFixed(1)} kWh`
}
