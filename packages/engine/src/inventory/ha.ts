import { type Cluster, type HaSettings, type Refusal, refOf, sayInitiator, type World } from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { hostsOf } from '../world/find'
import { put } from '../world/rows'

/** Settings to change; what is left out stays, within groups as well. */
export type HaChanges = {
  [K in keyof HaSettings]?: HaSettings[K] extends string | readonly unknown[] | null
    ? HaSettings[K]
    : Partial<HaSettings[K]>
}

const second = 1_000
const hour = 3_600_000

/** Least and most of every number, and what it is called. */
const limits: readonly [path: string, least: number, most: number, unit: 'ms' | 'count' | 'share'][] = [
  ['suspectMs', second, hour, 'ms'],
  ['decideMs', 2 * second, hour, 'ms'],
  ['leaseMs', 10 * second, hour, 'ms'],
  ['storm.hosts', 1, 1_000, 'count'],
  ['storm.share', 0, 1, 'share'],
  ['fenceQuietMs', 0, 24 * hour, 'ms'],
  ['flap.times', 0, 100, 'count'],
  ['flap.windowMs', 60 * second, 7 * 24 * hour, 'ms'],
  ['flap.quarantineMs', 0, 7 * 24 * hour, 'ms'],
  ['startsPerHost', 1, 100, 'count'],
  ['tierTimeoutMs', 0, hour, 'ms'],
  ['admission.hostFailures', 0, 31, 'count'],
  ['admission.reservedShare', 0, 1, 'share'],
]

const choices: Readonly<Record<string, readonly string[]>> = {
  mode: ['armed', 'hold', 'handsOff'],
  isolatedHost: ['leave', 'fence'],
  isolationResponse: ['leave', 'shutdown', 'powerOff'],
  'admission.by': ['hosts', 'share'],
  'admission.action': ['refuse', 'warn', 'off'],
  'placement.onStart': ['home', 'best'],
}

/**
 * Changes how a cluster looks after its VMs, and arms or disarms it (`mode`); who disarmed it and why is kept with it. What
 * is waiting when it is armed again goes on.
 */
export function decideChangeHa(
  world: World,
  { clusterId, changes, reason }: { clusterId: string; changes: HaChanges; reason?: string | null },
  ctx: Context,
): Decision {
  const cluster = world.tables.cluster.get(clusterId)
  if (!cluster) return refuse([{ code: 'not_found', noun: 'cluster', id: clusterId }])
  const merged = merge(cluster.ha, changes)
  const why = reason || changes.modeReason || null
  const by = sayInitiator(ctx.initiator)
  const modeReason = merged.mode === 'armed' ? null : why ? `${by}: ${why}` : by
  const same = merged.mode === cluster.ha.mode
  const ha: HaSettings = { ...merged, modeReason: same ? cluster.ha.modeReason : modeReason }
  const refusals = checkHa(ha)
  if (refusals.length > 0) return refuse(refusals)
  const fields = (Object.keys(ha) as (keyof HaSettings)[]).filter(
    (field) => field !== 'modeReason' && JSON.stringify(ha[field]) !== JSON.stringify(cluster.ha[field]),
  )
  if (fields.length === 0) return accept([], null)
  const row: Cluster = { ...cluster, ha }
  const body = { kind: 'cluster.ha', cluster: refOf(row), fields } as const
  const severity = fields.includes('mode') && ha.mode !== 'armed' ? ({ severity: 'warning' } as const) : {}
  const rows = [put('cluster', row), ...(ha.mode === 'handsOff' && !same ? leasesEnded(world, row) : [])]
  return accept([{ body, initiator: ctx.initiator, ...severity, rows }], null)
}

/** Agents are told to stop nothing by themselves any more: none is counted on before it says that it does again. */
function leasesEnded(world: World, cluster: Cluster) {
  return hostsOf(world, cluster).flatMap((host) => {
    const { facts } = host
    if (!facts?.selfFence?.lease) return []
    return [put('host', { ...host, facts: { ...facts, selfFence: { ...facts.selfFence, lease: null } } })]
  })
}

function merge(ha: HaSettings, changes: HaChanges): HaSettings {
  const next: Record<string, unknown> = { ...ha }
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) continue
    const group = typeof value === 'object' && value !== null && !Array.isArray(value)
    const given = group && Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined))
    next[key] = given ? { ...(next[key] as object), ...given } : value
  }
  return next as unknown as HaSettings
}

/** Every setting that cannot be, with what it may be. */
export function checkHa(ha: HaSettings): Refusal[] {
  const refusals: Refusal[] = []
  const wrong = (field: string, problem: string, remedy: string) =>
    refusals.push({ code: 'invalid', field, problem, remedy })
  for (const [path, least, most, unit] of limits) {
    const value = at(ha, path)
    const fits = unit === 'share' ? Number.isFinite(value) : Number.isInteger(value)
    if (fits && value >= least && value <= most) continue
    if (unit === 'ms') wrong(path, `${value} ms is out of range`, `Give ${least / 1000} to ${most / 1000} s.`)
    else wrong(path, `${value} is out of range`, `Give ${least} to ${most}.`)
  }
  for (const [path, known] of Object.entries(choices)) {
    const value = at<string>(ha, path)
    if (!known.includes(value)) wrong(path, `"${value}" is not known`, `Give ${known.join(', ')}.`)
  }
  if (ha.decideMs <= ha.suspectMs)
    wrong('decideMs', 'nothing can be decided before a host is suspect', 'Give more than suspectMs.')
  const address = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):\d{1,5}$/
  for (const given of ha.referenceAddresses)
    if (!address.test(given))
      wrong('referenceAddresses', `"${given}" is no address`, 'Give host:port, such as 10.0.0.1:443.')
  if (ha.referenceAddresses.length > 16)
    wrong('referenceAddresses', 'there are more than 16', 'Give those that say most about this side.')
  return refusals
}

function at<V = number>(ha: HaSettings, path: string): V {
  return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], ha) as V
}
