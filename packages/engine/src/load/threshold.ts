import {
  type ChangeEvent,
  type Cluster,
  type HostId,
  mostThresholds,
  type Refusal,
  refOf,
  sayChanges,
  sayThreshold,
  type ThresholdId,
  type ThresholdInput,
  type ThresholdRule,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { given } from '../given'
import { hostRef } from '../world/find'
import { drop, put } from '../world/rows'
import { checkVersion } from '../world/version'
import { thresholdsOf } from './rules'
import { checkThreshold } from './validate'

/** A threshold as a sentence, with the names of now. */
export function sayThresholdOf(world: World, rule: Parameters<typeof sayThreshold>[0]): string {
  return sayThreshold(rule, (id) => nameOfHost(world, id))
}

function nameOfHost(world: World, id: string): string {
  return world.tables.host.get(id)?.name ?? 'a host that is gone'
}

/** A new threshold, unless it is not well formed; value: its id. */
export function decideThresholdCreate(
  world: World,
  input: ThresholdInput,
  ctx: Context,
): Decision<ThresholdId> {
  const cluster = world.tables.cluster.get(input.clusterId)
  if (!cluster) return refuse([{ code: 'not_found', noun: 'cluster', id: input.clusterId }])
  const refusals = [...checkThreshold(world, input), ...checkRoom(world, cluster)]
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

/** Each is looked at in every round: there is an end to it. */
function checkRoom(world: World, cluster: Cluster): Refusal[] {
  if (thresholdsOf(world, cluster.id).length < mostThresholds) return []
  const problem = `${cluster.name} has ${mostThresholds} thresholds already, the most there may be`
  const remedy = 'Remove one, or have one stand for several hosts or tags.'
  return [{ code: 'invalid', field: 'clusterId', problem, remedy }]
}

/** Settings to change; what is left out stays. */
export type ThresholdChanges = Partial<
  Omit<ThresholdInput, 'clusterId' | 'budget'> & { budget: Partial<ThresholdInput['budget']> }
>

/** Changes what is given of a threshold, by the same conditions. Other figures, other counting: hold times begin anew. */
export function decideThresholdChange(
  world: World,
  { thresholdId, changes, version }: { thresholdId: string; changes: ThresholdChanges; version?: number },
  ctx: Context,
): Decision {
  const threshold = world.tables.threshold.get(thresholdId)
  if (!threshold) return refuse([{ code: 'not_found', noun: 'rule', id: thresholdId }])
  const input: ThresholdInput = {
    ...fieldsOf(threshold),
    ...given(changes),
    budget: { ...threshold.budget, ...given(changes.budget ?? {}) },
  }
  const refusals = [
    ...checkVersion(`the rule "${threshold.name}"`, threshold, version),
    ...checkThreshold(world, input, threshold),
  ]
  if (refusals.length > 0) return refuse(refusals)
  const before = fieldsOf(threshold)
  const after = fieldsOf(input)
  const fields = (Object.keys(after) as (keyof ThresholdInput)[]).filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  )
  if (fields.length === 0) return accept([], null)
  const next: ThresholdRule = { ...threshold, ...after, aboveSince: {}, version: threshold.version + 1 }
  const said = sayChanges(before, after, fields, (id) => nameOfHost(world, id))
  const text = sayThresholdOf(world, next)
  const event: ChangeEvent = {
    body: { kind: 'threshold.changed', threshold: refOf(next), fields, changes: said, text },
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
  const text = sayThresholdOf(world, threshold)
  const body = { kind: 'threshold.deleted', threshold: refOf(threshold), text } as const
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
      const text = sayThresholdOf(world, threshold)
      const body = { kind: 'threshold.deleted', threshold: refOf(threshold), text } as const
      return [{ ...told, body, rows: [drop('threshold', threshold.id)] }]
    }
    const { [hostId]: _, ...rest } = aboveSince
    if (!named) {
      const hosts = Object.keys(rest).map((id) => hostRef(world, id as HostId))
      const text = `Rule "${threshold.name}": ${nameOfHost(world, hostId)} is gone.`
      const body = { kind: 'threshold.above', threshold: refOf(threshold), hosts, text } as const
      return [{ ...told, body, rows: [put('threshold', { ...threshold, aboveSince: rest })] }]
    }
    const fields = ['hostIds'] as const
    const version = threshold.version + 1
    const next: ThresholdRule = { ...threshold, hostIds: left, aboveSince: rest, version }
    const changes = sayChanges(threshold, next, fields, (id) => nameOfHost(world, id))
    const text = sayThresholdOf(world, next)
    const body = { kind: 'threshold.changed', threshold: refOf(next), fields, changes, text } as const
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
