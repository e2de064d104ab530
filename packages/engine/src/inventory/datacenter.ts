import { type Datacenter, type Refusal, refOf, type World } from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { drop, put } from '../world/rows'
import { checkLabel } from './label'

export function decideCreateDatacenter(
  world: World,
  { name }: { name: string },
  ctx: Context,
): Decision<{ datacenterId: string }> {
  const refusals = checkLabel('datacenter', name, world.tables.datacenter.values())
  if (refusals.length > 0) return refuse(refusals)
  const row: Datacenter = { id: ctx.ids.next('datacenter'), name }
  const body = { kind: 'datacenter.created', datacenter: refOf(row) } as const
  return accept([{ body, initiator: ctx.initiator, rows: [put('datacenter', row)] }], {
    datacenterId: row.id,
  })
}

export function decideRenameDatacenter(
  world: World,
  { datacenterId, name }: { datacenterId: string; name: string },
  ctx: Context,
): Decision {
  const datacenter = world.tables.datacenter.get(datacenterId)
  if (!datacenter) return refuse([{ code: 'not_found', noun: 'datacenter', id: datacenterId }])
  const refusals = checkLabel('datacenter', name, world.tables.datacenter.values(), datacenterId)
  if (refusals.length > 0) return refuse(refusals)
  if (datacenter.name === name) return accept([], null)
  const row: Datacenter = { ...datacenter, name }
  const body = { kind: 'datacenter.changed', datacenter: refOf(row), fields: ['name'] } as const
  return accept([{ body, initiator: ctx.initiator, rows: [put('datacenter', row)] }], null)
}

/** Only an empty one; the networks and datastores that its hosts once reported go with it. */
export function decideDeleteDatacenter(
  world: World,
  { datacenterId }: { datacenterId: string },
  ctx: Context,
): Decision {
  const datacenter = world.tables.datacenter.get(datacenterId)
  if (!datacenter) return refuse([{ code: 'not_found', noun: 'datacenter', id: datacenterId }])
  const within = <R extends { datacenterId: string }>(rows: Iterable<R>) =>
    [...rows].filter((row) => row.datacenterId === datacenterId)
  const clusters = within(world.tables.cluster.values())
  if (clusters.length > 0) {
    const holds = clusters.length === 1 ? '1 cluster' : `${clusters.length} clusters`
    const refusal: Refusal = { code: 'not_empty', noun: 'datacenter', object: refOf(datacenter), holds }
    return refuse([refusal])
  }
  const rows = [
    ...within(world.tables.network.values()).map(({ id }) => drop('network', id)),
    ...within(world.tables.datastore.values()).map(({ id }) => drop('datastore', id)),
    drop('datacenter', datacenterId),
  ]
  const body = { kind: 'datacenter.deleted', datacenter: refOf(datacenter) } as const
  return accept([{ body, initiator: ctx.initiator, rows }], null)
}
