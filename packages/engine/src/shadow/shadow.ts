import {
  type ChangeEvent,
  type LoadRules,
  refOf,
  type ShadowDay,
  type ShadowId,
  type ShadowSet,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { drop, put } from '../world/rows'

/** The rules that decide beside the active ones of a cluster; there is one set at most. */
export function shadowOf(world: World, clusterId: string): ShadowSet | undefined {
  for (const shadow of world.tables.shadow.values()) if (shadow.clusterId === clusterId) return shadow
  return undefined
}

/** Has rules decide beside the active ones, moving nothing; takes the place of those that do so now. Value: its id. */
export function decideShadowStart(
  world: World,
  { clusterId, name, rules }: { clusterId: string; name: string; rules: LoadRules },
  ctx: Context,
): Decision<ShadowId> {
  const cluster = world.tables.cluster.get(clusterId)
  if (!cluster) return refuse([{ code: 'not_found', noun: 'cluster', id: clusterId }])
  const { initiator, now } = ctx
  const shadow: ShadowSet = {
    id: ctx.ids.next('shadow'),
    clusterId: cluster.id,
    name,
    rules,
    since: now,
    memory: { moves: [], unevenSince: null, lowSince: null, aboveSince: {} },
    days: [],
    createdBy: initiator.kind === 'user' ? initiator.name : 'Drover',
  }
  const events: ChangeEvent[] = [
    {
      body: { kind: 'shadow.started', shadow: refOf(shadow), cluster: refOf(cluster) },
      initiator,
      rows: [put('shadow', shadow)],
    },
  ]
  const before = shadowOf(world, clusterId)
  if (before)
    events.unshift({
      body: { kind: 'shadow.ended', shadow: refOf(before), cluster: refOf(cluster) },
      initiator,
      rows: [drop('shadow', before.id)],
    })
  return accept(events, shadow.id)
}

/** Ends what decides beside the active rules of a cluster. */
export function decideShadowEnd(world: World, { clusterId }: { clusterId: string }, ctx: Context): Decision {
  const cluster = world.tables.cluster.get(clusterId)
  const shadow = shadowOf(world, clusterId)
  if (!cluster || !shadow) return refuse([{ code: 'not_found', noun: 'shadow set of rules', id: clusterId }])
  const body = { kind: 'shadow.ended', shadow: refOf(shadow), cluster: refOf(cluster) } as const
  return accept([{ body, initiator: ctx.initiator, rows: [drop('shadow', shadow.id)] }], null)
}

/** Writes down what a shadow has decided; `text`: the report that goes into history with it. */
export function decideShadowNote(
  world: World,
  { shadowId, memory, days, text }: Pick<ShadowSet, 'memory' | 'days'> & { shadowId: string; text: string },
  ctx: Context,
): Decision {
  const shadow = world.tables.shadow.get(shadowId)
  const cluster = shadow && world.tables.cluster.get(shadow.clusterId)
  if (!shadow || !cluster) return accept([], null)
  const body = { kind: 'shadow.report', shadow: refOf(shadow), cluster: refOf(cluster), text } as const
  return accept(
    [{ body, initiator: ctx.initiator, rows: [put('shadow', { ...shadow, memory, days })] }],
    null,
  )
}

/** A day in a sentence or two. */
export function sayShadowDay(
  name: string,
  { day, shadow, active, differences }: ShadowDay,
  isOver: boolean,
): string {
  const when = isOver ? `On ${day}` : `So far on ${day}`
  const did = ({ moves, sleeps, wakes }: ShadowDay['shadow']) =>
    `${count(moves, 'move', 'moves')}, ${count(sleeps, 'host', 'hosts')} put to sleep and ${count(wakes, 'host', 'hosts')} woken`
  const first = differences[0] ? ` ${differences[0]}` : ''
  return `${when}, the rules "${name}" would have come to ${did(shadow)}; the active ones came to ${did(active)}.${first}`
}

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`
