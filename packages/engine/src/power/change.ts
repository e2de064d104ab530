import {
  type Cluster,
  defaultPowerSettings,
  type Host,
  isTimeZone,
  minuteOfDay,
  type PowerModel,
  type PowerSettings,
  type Refusal,
  refOf,
  sayChanges,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { given } from '../given'
import { hostsOf } from '../world/find'
import { put } from '../world/rows'
import { checkVersion } from '../world/version'

/** Settings to change; what is left out stays. */
export type PowerChanges = Partial<
  Omit<PowerSettings, 'lowSince' | 'version' | 'model'> & { model: Partial<PowerModel> }
>

export function powerOf({ power }: Pick<Cluster, 'power'>): PowerSettings {
  return power ?? defaultPowerSettings
}

const hour = 3_600_000
const most: Record<'holdMs' | 'dwellMs' | 'wakeAheadMs', number> = {
  holdMs: 24 * hour,
  dwellMs: 24 * hour,
  wakeAheadMs: 12 * hour,
}

/** Changes how a cluster saves power; `mode: 'off'` ends it: who sleeps by a rule is woken. */
export function decideChangePower(
  world: World,
  { clusterId, changes, version }: { clusterId: string; changes: PowerChanges; version?: number },
  ctx: Context,
): Decision {
  const cluster = world.tables.cluster.get(clusterId)
  if (!cluster) return refuse([{ code: 'not_found', noun: 'cluster', id: clusterId }])
  const before = powerOf(cluster)
  const next = changedPower(before, changes)
  const refusals = [
    ...checkVersion(`the power saving of ${cluster.name}`, before, version),
    ...checkPowerSettings(world, cluster, next),
  ]
  if (refusals.length > 0) return refuse(refusals)
  const fields = (Object.keys(next) as (keyof PowerSettings)[]).filter(
    (field) => JSON.stringify(next[field]) !== JSON.stringify(before[field]),
  )
  if (fields.length === 0) return accept([], null)
  // Other settings, other counting.
  const row: Cluster = { ...cluster, power: { ...next, version: before.version + 1, lowSince: null } }
  const said = sayChanges(before, next, fields, (id) => world.tables.host.get(id)?.name ?? id)
  const body = { kind: 'cluster.power', cluster: refOf(row), fields, changes: said } as const
  return accept([{ body, initiator: ctx.initiator, rows: [put('cluster', row)] }], null)
}

/** The settings with these changes. */
export function changedPower(before: PowerSettings, changes: PowerChanges): PowerSettings {
  return { ...before, ...given(changes), model: { ...before.model, ...given(changes.model ?? {}) } }
}

/** What is wrong with settings, field by field; none: they may be saved. */
export function checkPowerSettings(world: World, cluster: Cluster, settings: PowerSettings): Refusal[] {
  const refusals: Refusal[] = []
  const wrong = (field: string, problem: string, remedy: string) =>
    refusals.push({ code: 'invalid', field, problem, remedy })
  const { mode, hostIds, windows, minAwake, reserve, fillTo, wakeAbove } = settings
  if (!['off', 'manual', 'full'].includes(mode))
    wrong('mode', `"${mode}" is not known`, 'Give off, manual or full.')
  const members = new Set<string>(hostsOf(world, cluster).map(({ id }) => id))
  for (const id of hostIds ?? [])
    if (!members.has(id))
      wrong('hostIds', `${id} is no host of ${cluster.name}`, 'Name hosts of this cluster.')
  for (const { days, from, to, timeZone } of windows) {
    if (days.length === 0 || days.some((day) => !Number.isInteger(day) || day < 0 || day > 6))
      wrong('windows', 'a window has no days, or days that there are not', 'Give days from 0 (Sunday) to 6.')
    for (const time of [from, to])
      if (Number.isNaN(minuteOfDay(time)))
        wrong('windows', `"${time}" is no time of day`, 'Give it as 22:00.')
    if (!isTimeZone(timeZone))
      wrong('windows', `"${timeZone}" is no time zone`, 'Give one like Europe/Berlin or UTC.')
  }
  if (!(Number.isInteger(minAwake) && minAwake >= 1))
    wrong('minAwake', `${minAwake} is out of range`, 'Give 1 or more.')
  for (const [field, value, from, to] of [
    ['reserve', reserve, 0, 2],
    ['fillTo', fillTo, 0.1, 1],
    ['wakeAbove', wakeAbove, 0.1, 1],
  ] as const)
    if (!(value >= from && value <= to)) wrong(field, `${value} is out of range`, `Give ${from} to ${to}.`)
  if (wakeAbove <= fillTo)
    wrong(
      'wakeAbove',
      'hosts would be woken as soon as others sleep',
      'Give more than what hosts are filled to.',
    )
  for (const [field, limit] of Object.entries(most)) {
    const value = settings[field as keyof typeof most]
    if (!(Number.isInteger(value) && value >= 0 && value <= limit))
      wrong(field, `${value} ms is out of range`, `Give 0 to ${limit / 1_000} s.`)
  }
  refusals.push(...checkModel(settings.model))
  return refusals
}

function checkModel({ idleWatts, maxWatts, asleepWatts }: PowerModel): Refusal[] {
  const refusals: Refusal[] = []
  const wrong = (problem: string, remedy: string) =>
    refusals.push({ code: 'invalid', field: 'model', problem, remedy })
  for (const value of [idleWatts, maxWatts, asleepWatts])
    if (!(Number.isFinite(value) && value >= 0 && value <= 100_000))
      wrong(`${value} W is out of range`, 'Give 0 to 100000 W.')
  if (maxWatts < idleWatts)
    wrong('a host would draw less under full load than idle', 'Give more for full load.')
  if (asleepWatts > idleWatts) wrong('a host would draw more asleep than idle', 'Give less for asleep.')
  return refusals
}

/** What a host draws by itself; null: as its cluster says. */
export function decideChangePowerModel(
  world: World,
  { hostId, model }: { hostId: string; model: PowerModel | null },
  ctx: Context,
): Decision {
  const host = world.tables.host.get(hostId)
  if (!host) return refuse([{ code: 'not_found', noun: 'host', id: hostId }])
  const refusals = model ? checkModel(model) : []
  if (refusals.length > 0) return refuse(refusals)
  if (JSON.stringify(host.powerModel ?? null) === JSON.stringify(model)) return accept([], null)
  const { powerModel: _, ...rest } = host
  const row: Host = model ? { ...rest, powerModel: model } : rest
  const [before, after] = [host.powerModel, model ?? undefined]
  const changes = sayChanges({ model: before }, { model: after }, ['model'], String)
  const body = { kind: 'host.power_model', host: refOf(host), changes } as const
  return accept([{ body, initiator: ctx.initiator, rows: [put('host', row)] }], null)
}
