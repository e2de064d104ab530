import {
  type ChangeEvent,
  refOf,
  sayThreshold,
  type ThresholdId,
  type ThresholdInput,
  type ThresholdRule,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { drop, put } from '../world/rows'
import { checkThreshold } from './validate'

/** A threshold as a sentence, with the names of now. */
export function sayThresholdOf(world: World, rule: Parameters<typeof sayThreshold>[0]): string {
  return sayThreshold(rule, (id) => world.tables.host.get(id)?.name ?? 'a host that is gone')
}

/** A new threshold, unless it is not well formed; value: its id. */
export function decideThresholdCreate(
  world: World,
  input: ThresholdInput,
  ctx: Context,
): Decision<ThresholdId> {
  const cluster = world.tables.cluster.get(input.clusterId)
  if (!cluster) return refuse([{ code: 'not_found', noun: 'cluster', id: input.clusterId }])
  const refusals = checkThreshold(world, input)
  if (refusals.length > 0) return refuse(refusals)
  const threshold: ThresholdRule = {
    ...fieldsOf(input),
    id: ctx.ids.next('threshold'),
    aboveSince: {},
    version: 1,
    createdAt: ctx.now,
  }
  const text = sayThresholdOf(world, threshold)
  const event: ChangeEvent = {
    body: { kind: 'threshold.created', threshold: refOf(threshold), cluster: refOf(cluster), text },
    initiator: ctx.initiator,
    rows: [put('threshold', threshold)],
  }
  return accept([event], threshold.id)
}

/** Changes what is given of a threshold, by the same conditions. Other figures, other counting: hold times begin anew. */
export function decideThresholdChange(
  world: World,
  { thresholdId, changes }: { thresholdId: string; changes: Partial<Omit<ThresholdInput, 'clusterId'>> },
  ctx: Context,
): Decision {
  const threshold = world.tables.threshold.get(thresholdId)
  if (!threshold) return refuse([{ code: 'not_found', noun: 'rule', id: thresholdId }])
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
  const input: ThresholdInput = { ...fieldsOf(threshold), ...given }
  const refusals = checkThreshold(world, input, threshold)
  if (refusals.length > 0) return refuse(refusals)
  const before = fieldsOf(threshold)
  const after = fieldsOf(input)
  const fields = (Object.keys(after) as (keyof ThresholdInput)[]).filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  )
  if (fields.length === 0) return accept([], null)
  const next: ThresholdRule = { ...threshold, ...after, aboveSince: {}, version: threshold.version + 1 }
  const text = sayThresholdOf(world, next)
  const event: ChangeEvent = {
    body: { kind: 'threshold.changed', threshold: refOf(next), fields, text },
    initiator: ctx.initiator,
    rows: [put('threshold', next)],
  }
  return accept([event], null)
}

export function decideThresholdDelete(
  world: World,
  { thresholdId }: { thresholdId: string },
  ctx: Context,
): Decision {
  const threshold = world.tables.threshold.get(thresholdId)
  if (!threshold) return refuse([{ code: 'not_found', noun: 'rule', id: thresholdId }])
  const body = { kind: 'threshold.deleted', threshold: refOf(threshold) } as const
  return accept([{ body, initiator: ctx.initiator, rows: [drop('threshold', threshold.id)] }], null)
}

/** A host that leaves the inventory leaves the thresholds too; one that watched it alone ends. */
export function thresholdsWithout(
  world: World,
  hostId: string,
  told: Pick<ChangeEvent, 'initiator' | 'taskId'>,
): ChangeEvent[] {
  return [...world.tables.threshold.values()].flatMap((threshold): ChangeEvent[] => {
    const { hostIds, aboveSince } = threshold
    const named = hostIds.some((id) => id === hostId)
    if (!named && !(hostId in aboveSince)) return []
    const left = hostIds.filter((id) => id !== hostId)
    if (named && left.length === 0) {
      const body = { kind: 'threshold.deleted', threshold: refOf(threshold) } as const
      return [{ ...told, body, rows: [drop('threshold', threshold.id)] }]
    }
    const { [hostId]: _, ...rest } = aboveSince
    const next: ThresholdRule = {
      ...threshold,
      hostIds: left,
      aboveSince: rest,
      version: threshold.version + 1,
    }
    const text = sayThresholdOf(world, next)
    const body = { kind: 'threshold.changed', threshold: refOf(next), fields: ['hostIds'], text } as const
    return [{ ...told, body, rows: [put('threshold', next)] }]
  })
}

function fieldsOf(input: ThresholdInput): ThresholdInput {
  const { clusterId, name, metric, above, forMs, until, tags, hostIds, windows } = input
  const { cooldownMs, budget, minGain, automation, enabled } = input
  return {
    clusterId,
    name: name.trim(),
    metric,
    above,
    forMs,
    until,
    tags: [...new Set(tags.map((tag) => tag.trim()))],
    hostIds: [...new Set(hostIds)],
    windows,
    cooldownMs,
    budget,
    minGain,
    automation,
    enabled,
  }
}
