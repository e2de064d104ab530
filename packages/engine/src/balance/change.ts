import {
  type BalanceSettings,
  balanceLevels,
  type Cluster,
  levelOf,
  type Refusal,
  refOf,
  sayChanges,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { given } from '../given'
import { checkBudget, checkWindows } from '../load/validate'
import { put } from '../world/rows'
import { checkVersion } from '../world/version'
import { balanceOf } from './settings'

/** Settings to change; what is left out stays. */
export type BalanceChanges = Partial<
  Omit<BalanceSettings, 'unevenSince' | 'version' | 'weights' | 'budget'> & {
    weights: Partial<BalanceSettings['weights']>
    budget: Partial<BalanceSettings['budget']>
  }
>

const hour = 3_600_000

const limits: readonly [
  field: Exclude<
    keyof BalanceSettings,
    'mode' | 'level' | 'by' | 'aim' | 'weights' | 'budget' | 'windows' | 'version' | 'unevenSince'
  >,
  least: number,
  most: number,
  unit: 'ms' | 'count' | 'share',
][] = [
  ['spread', 0, 1, 'share'],
  ['limit', 0.1, 1, 'share'],
  ['minGain', 0, 1, 'share'],
  ['minShare', 0, 1, 'share'],
  ['worthwhile', 0, 1, 'share'],
  ['holdMs', 10_000, 24 * hour, 'ms'],
  ['cooldownMs', 0, 7 * 24 * hour, 'ms'],
  ['movesAtOnce', 1, 64, 'count'],
]

const choices = {
  mode: ['off', 'manual', 'partial', 'full'],
  by: ['actual-load', 'configured-size'],
  aim: ['spread', 'overload'],
} as const

/**
 * Changes how a cluster evens out its load; `mode: 'off'` ends it at once. A level brings its figures; a figure that is set
 * beside it, or later, makes the level its own.
 */
export function decideChangeBalance(
  world: World,
  { clusterId, changes, version }: { clusterId: string; changes: BalanceChanges; version?: number },
  ctx: Context,
): Decision {
  const cluster = world.tables.cluster.get(clusterId)
  if (!cluster) return refuse([{ code: 'not_found', noun: 'cluster', id: clusterId }])
  const before = balanceOf(cluster)
  const next = changedBalance(before, changes)
  const refusals = [
    ...checkVersion(`the balancing of ${cluster.name}`, before, version),
    ...checkBalance(next),
  ]
  if (refusals.length > 0) return refuse(refusals)
  const fields = (Object.keys(next) as (keyof BalanceSettings)[]).filter(
    (field) => JSON.stringify(next[field]) !== JSON.stringify(before[field]),
  )
  if (fields.length === 0) return accept([], null)
  // Other settings, other counting.
  const row: Cluster = { ...cluster, balance: { ...next, version: before.version + 1, unevenSince: null } }
  const said = sayChanges(before, next, fields, String)
  const body = { kind: 'cluster.balance', cluster: refOf(row), fields, changes: said } as const
  return accept([{ body, initiator: ctx.initiator, rows: [put('cluster', row)] }], null)
}

/** The settings with these changes; a level brings its figures, and is one only as long as they are its own. */
export function changedBalance(before: BalanceSettings, changes: BalanceChanges): BalanceSettings {
  const figures = changes.level ? balanceLevels[changes.level]?.figures : {}
  const next: BalanceSettings = {
    ...before,
    ...figures,
    ...given(changes),
    weights: { ...before.weights, ...given(changes.weights ?? {}) },
    budget: { ...before.budget, ...given(changes.budget ?? {}) },
    unevenSince: before.unevenSince,
  }
  const known = changes.level === undefined || changes.level === null || changes.level in balanceLevels
  return known ? { ...next, level: levelOf(next) } : next
}

/** What is wrong with settings, field by field. */
export function checkBalance(settings: BalanceSettings): Refusal[] {
  const refusals: Refusal[] = []
  const wrong = (field: string, problem: string, remedy: string) =>
    refusals.push({ code: 'invalid', field, problem, remedy })
  for (const [field, least, most, unit] of limits) {
    const value = settings[field]
    const fits = unit === 'share' ? Number.isFinite(value) : Number.isInteger(value)
    if (fits && value >= least && value <= most) continue
    if (unit === 'ms')
      wrong(field, `${value} ms is out of range`, `Give ${least / 1000} to ${most / 1000} s.`)
    else wrong(field, `${value} is out of range`, `Give ${least} to ${most}.`)
  }
  const { level } = settings
  if (level !== null && !(level in balanceLevels))
    wrong('level', `there is no level ${level}`, 'Give 1 (conservative) to 5 (aggressive).')
  refusals.push(...checkWindows(settings.windows), ...checkBudget(settings.budget))
  for (const [field, known] of Object.entries(choices)) {
    const value = settings[field as keyof typeof choices]
    if (!(known as readonly string[]).includes(value))
      wrong(field, `"${value}" is not known`, `Give ${known.join(', ')}.`)
  }
  const { cpu, memory } = settings.weights
  if (!(cpu >= 0 && memory >= 0 && Number.isFinite(cpu + memory) && cpu + memory > 0))
    wrong('weights', 'nothing would count', 'Give CPU or memory a weight above 0.')
  return refusals
}
