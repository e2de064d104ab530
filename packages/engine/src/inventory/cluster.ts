import {
  type Cluster,
  defaultHaSettings,
  defaultMigrationLimits,
  type MigrationLimits,
  type Refusal,
  refOf,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { openDecisions } from '../load/decide'
import { thresholdsOf } from '../load/rules'
import { hostsOf } from '../world/find'
import { drop, put } from '../world/rows'
import { checkLabel } from './label'

export function decideCreateCluster(
  world: World,
  { datacenterId, name }: { datacenterId: string; name: string },
  ctx: Context,
): Decision<{ clusterId: string }> {
  const datacenter = world.tables.datacenter.get(datacenterId)
  if (!datacenter) return refuse([{ code: 'not_found', noun: 'datacenter', id: datacenterId }])
  const refusals = checkLabel('cluster', name, world.tables.cluster.values())
  if (refusals.length > 0) return refuse(refusals)
  const row: Cluster = {
    id: ctx.ids.next('cluster'),
    datacenterId: datacenter.id,
    name,
    migrationLimits: defaultMigrationLimits,
    ha: defaultHaSettings,
  }
  const body = { kind: 'cluster.created', cluster: refOf(row), datacenter: refOf(datacenter) } as const
  return accept([{ body, initiator: ctx.initiator, rows: [put('cluster', row)] }], { clusterId: row.id })
}

export interface ClusterChanges {
  name?: string
  migrationLimits?: Partial<MigrationLimits>
}

export function decideChangeCluster(
  world: World,
  { clusterId, changes }: { clusterId: string; changes: ClusterChanges },
  ctx: Context,
): Decision {
  const cluster = world.tables.cluster.get(clusterId)
  if (!cluster) return refuse([{ code: 'not_found', noun: 'cluster', id: clusterId }])
  const { name = cluster.name, migrationLimits } = changes
  const row: Cluster = {
    ...cluster,
    name,
    migrationLimits: { ...cluster.migrationLimits, ...migrationLimits },
  }
  const refusals = [
    ...checkLabel('cluster', name, world.tables.cluster.values(), clusterId),
    ...checkLimits(row.migrationLimits),
  ]
  if (refusals.length > 0) return refuse(refusals)
  const fields = (['name', 'migrationLimits'] as const).filter(
    (field) => JSON.stringify(row[field]) !== JSON.stringify(cluster[field]),
  )
  if (fields.length === 0) return accept([], null)
  const body = { kind: 'cluster.changed', cluster: refOf(row), fields } as const
  return accept([{ body, initiator: ctx.initiator, rows: [put('cluster', row)] }], null)
}

function checkLimits(limits: MigrationLimits): Refusal[] {
  return Object.entries(limits).flatMap(([field, limit]): Refusal[] => {
    if (Number.isInteger(limit) && limit >= 1 && limit <= 1000) return []
    const problem = `${limit} is no number of migrations at once`
    return [{ code: 'invalid', field, problem, remedy: 'Give it between 1 and 1000.' }]
  })
}

/** Only an empty one. Join tokens for it go with it. */
export function decideDeleteCluster(
  world: World,
  { clusterId }: { clusterId: string },
  ctx: Context,
): Decision {
  const cluster = world.tables.cluster.get(clusterId)
  if (!cluster) return refuse([{ code: 'not_found', noun: 'cluster', id: clusterId }])
  const hosts = hostsOf(world, cluster)
  if (hosts.length > 0) {
    const holds = hosts.length === 1 ? '1 host' : `${hosts.length} hosts`
    return refuse([{ code: 'not_empty', noun: 'cluster', object: refOf(cluster), holds }])
  }
  const tokens = [...world.tables.token.values()].filter((token) => token.clusterId === clusterId)
  const rules = [...(world.index.rulesByCluster.get(cluster.id) ?? [])]
  const rows = [
    ...tokens.map(({ id }) => drop('token', id)),
    ...rules.map((id) => drop('rule', id)),
    ...thresholdsOf(world, cluster.id).map(({ id }) => drop('threshold', id)),
    ...[...world.tables.shadow.values()].flatMap((set) =>
      set.clusterId === clusterId ? [drop('shadow', set.id)] : [],
    ),
    // What was decided is kept for history; of a cluster without hosts nothing can be under way.
    ...openDecisions(world, cluster).map((decision) =>
      put('decision', { ...decision, state: 'superseded', endedAt: ctx.now }),
    ),
    drop('cluster', clusterId),
  ]
  const body = { kind: 'cluster.deleted', cluster: refOf(cluster) } as const
  return accept([{ body, initiator: ctx.initiator, rows }], null)
}
