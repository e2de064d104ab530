import { type Alarm, type Ref, sayInitiator, type World } from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { Changes } from '../world/changes'
import { put } from '../world/rows'
import { type Present, presentAlarms, thoroughCodes } from './present'

/**
 * Raises what holds now, clears what no longer does, and writes nothing where nothing changed. Unless `thorough`, what is
 * dear to find out stays as it was found last.
 */
export function decideAlarms(world: World, ctx: Context, { thorough = true } = {}): Decision {
  const changes = new Changes(world, ctx)
  const present = new Map(presentAlarms(world, ctx.now, { thorough }).map((one) => [keyOf(one), one]))
  for (const id of world.index.openAlarms) {
    const alarm = world.tables.alarm.get(id)!
    if (!thorough && thoroughCodes.includes(alarm.code)) continue
    const now = present.get(keyOf(alarm))
    present.delete(keyOf(alarm))
    if (!now) {
      const row: Alarm = { ...alarm, clearedAt: ctx.now }
      const body = {
        kind: 'alarm.cleared',
        alarm: refTo(alarm),
        about: alarm.about,
        text: alarm.text,
      } as const
      changes.say(body, [put('alarm', row)])
    } else if (now.text !== alarm.text || now.severity !== alarm.severity)
      raise(changes, { ...alarm, ...now })
  }
  for (const one of present.values())
    raise(changes, {
      id: ctx.ids.next('alarm'),
      ...one,
      raisedAt: ctx.now,
      clearedAt: null,
      acknowledgedBy: null,
    })
  return accept(changes.events, null)
}

function raise(changes: Changes, alarm: Alarm): void {
  const { severity, about, text } = alarm
  changes.say({ kind: 'alarm.raised', alarm: refTo(alarm), about, text }, [put('alarm', alarm)], { severity })
}

/** Somebody has seen it. It stays until the condition is over. */
export function decideAcknowledge(world: World, { alarmId }: { alarmId: string }, ctx: Context): Decision {
  const alarm = world.tables.alarm.get(alarmId)
  if (!alarm) return refuse([{ code: 'not_found', noun: 'alarm', id: alarmId }])
  if (alarm.acknowledgedBy !== null) return accept([], null)
  const person = sayInitiator(ctx.initiator)
  const body = { kind: 'alarm.acknowledged', alarm: refTo(alarm), about: alarm.about, person } as const
  const row: Alarm = { ...alarm, acknowledgedBy: person }
  return accept([{ body, initiator: ctx.initiator, rows: [put('alarm', row)] }], null)
}

function keyOf({ clusterId, code, about }: Pick<Present, 'clusterId' | 'code' | 'about'>): string {
  return `${clusterId} ${code} ${about.id} ${code === 'datastore_unreachable' ? about.name : ''}`
}

function refTo(alarm: Pick<Alarm, 'id' | 'code'>): Ref<Alarm['id']> {
  return { id: alarm.id, name: alarm.code.replaceAll('_', ' ') }
}
