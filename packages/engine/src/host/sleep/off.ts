import {
  type DeathProof,
  type FenceDevice,
  type FenceOrder,
  type Host,
  refOf,
  sayList,
  sayRefusals,
} from '@drover/model'
import { answered, saysOff } from '../../fence/answered'
import { levelsOf } from '../../fence/devices'
import { lookAt } from '../../ha/evidence'
import { becomeFenced } from '../../ha/lost'
import { type Flow, interrupted, maxTries, type Scene, send, triesOf } from '../../task/flow'
import { Changes } from '../../world/changes'
import { activeOn } from '../evacuate'
import { fellAsleep, standbyOf } from '../standby'
import { sleepMemo, stayAwake } from './memo'
import { checkSpared, whyComesFirst } from './needed'

/** An operating system that has not gone down by then does not, and neither does a device that was told to see to it. */
const downMs = 180_000
const hardMs = 60_000
/** Between two looks at the power of a host that is going down. */
const pollMs = 2_000
/** A host that its devices call off and that still gives signs of life after this is not off. */
const lastSignsMs = 12_000

/** The order to shut down, once it is certain that nobody needs it and nothing runs there. */
export function goToSleep(scene: Scene<'host.sleep'>, host: Host): Flow {
  const { said, task, world, now } = scene
  const memo = sleepMemo(scene)
  const order = { kind: 'host.shutdown', reboot: false } as const
  if (said) {
    // What it answered, and whether it could at all, is seen by what becomes of it.
    if (said.result.ok || said.result.error === 'unreachable') return { flow: 'next' }
    const tries = triesOf(scene)
    const same = host.state === 'connected' && (host.facts?.bootId ?? null) === memo.bootId
    if (interrupted(said) && same && tries < maxTries)
      return send(host.id, order, { memo: { tries: tries + 1 } })
    return { flow: 'next', memo: { hardAt: now } }
  }
  const short = (cause: string, remedy = 'It is in service again') =>
    stayAwake(scene, host, { state: 'failed', cause, remedy })
  if (task.state === 'cancelling')
    return stayAwake(scene, host, { state: 'cancelled', cause: 'it was cancelled', remedy: 'It is up' })
  if (host.state === 'fencing' || host.state === 'fenced')
    return short(`${host.name} was lost meanwhile`, 'High availability takes over')
  const why = whyComesFirst(world, host)
  if (why) return short(why)
  if (host.mode !== 'entering') return short(`${host.name} was put back into service`)
  const [still] = activeOn(world, host.id)
  if (still) return short(`${still.name} runs there again`)
  if (host.state !== 'connected')
    return { flow: 'wait', waiting: { code: 'agent_back', host: refOf(host) }, untilAt: null }
  const spared = task.params.evenIfNeeded ? [] : checkSpared(world, host, [])
  if (spared.length > 0) return short(sayRefusals(spared).replace(/\.$/, ''))
  if (levelsOf(world, host.id).length === 0) return short('it has no fence device that is in use any more')
  return send(host.id, order, { memo: { bootId: host.facts?.bootId ?? null, since: now } })
}

/** Asks its devices until all of a level say off, and nothing else says otherwise. Then it sleeps. */
export function proveOff(scene: Scene<'host.sleep'>, host: Host): Flow {
  const { said, now } = scene
  const memo = sleepMemo(scene)
  const levels = levelsOf(scene.world, host.id)
  const { level = 0, at = 0 } = memo
  const devices = levels[level] ?? levels[0] ?? []
  const events = said ? answered(scene as Scene, host) : []
  if (host.state !== 'fenced' && (host.facts?.bootId ?? null) !== memo.bootId)
    return {
      ...stayAwake(scene, host, {
        state: 'failed',
        cause: `${host.name} was told to shut down and has booted again`,
        remedy: 'Look at why it powers itself on',
      }),
    }
  const first = devices[0]
  if (!first) return notProven(scene, host, 'it has no fence device that is in use any more', events)
  if (host.state === 'fenced' && host.proof?.by === 'device') return asleep(scene, host, devices, events)
  if (!said) return nextLook(scene, host, devices, at)
  if (said.body.kind === 'fence.off') {
    const next = devices[at + 1]
    if (said.result.ok && next) return { ...fence('fence.off', next), memo: { at: at + 1 }, events }
    return { ...fence('fence.status', first), memo: { at: 0 }, events }
  }
  if (saysOff(said)) {
    const next = devices[at + 1]
    if (next) return { ...fence('fence.status', next), memo: { at: at + 1 }, events }
    return allOff(scene, host, devices, events)
  }
  if (!said.result.ok && levels[level + 1]?.[0])
    return { ...fence('fence.status', levels[level + 1]![0]!), memo: { level: level + 1, at: 0 }, events }
  const late = now - (memo.hardAt ?? now) >= hardMs
  if (late) {
    const why = said.result.ok ? `${first.name} says that it is still on` : said.result.message
    return notProven(scene, host, why, events)
  }
  return {
    flow: 'wait',
    waiting: leaving(host),
    untilAt: now + pollMs,
    memo: { at: 0, level: 0, saidOffAt: undefined },
    ...(said.result.ok ? {} : { events }),
  }
}

/** The next question; or, when it has not gone down by itself, the order that its device sees to it: it is empty. */
function nextLook(scene: Scene<'host.sleep'>, host: Host, devices: FenceDevice[], at: number): Flow {
  const { world, now } = scene
  const memo = sleepMemo(scene)
  const tooLong = now - (memo.since ?? now) >= downMs
  if ((memo.hardAt !== undefined || tooLong) && !memo.switched) {
    const [still] = activeOn(world, host.id)
    if (still) {
      const cause = `${still.name} runs there again`
      return stayAwake(scene, host, { state: 'failed', cause, remedy: 'It is in service again' })
    }
    return { ...fence('fence.off', devices[0]!), memo: { at: 0, hardAt: now, switched: true } }
  }
  return fence('fence.status', devices[at] ?? devices[0]!)
}

function allOff(
  scene: Scene<'host.sleep'>,
  host: Host,
  devices: FenceDevice[],
  events: NonNullable<Flow['events']>,
): Flow {
  const { world, now } = scene
  const heardAt = world.live.get(host.id)?.heardAt ?? 0
  // A new leader has to have listened for a while before silence means anything.
  const saidOffAt = heardAt > now ? now : (sleepMemo(scene).saidOffAt ?? now)
  const look = lookAt(world, host, now)
  const heard = now - heardAt < pollMs
  if (look.storage !== 'fresh' && look.peers !== 'reach' && !heard)
    return asleep(scene, host, devices, events)
  if (now - saidOffAt >= lastSignsMs) {
    const side = look.storage === 'fresh' ? 'storage' : 'peers'
    const sign = heard
      ? 'its agent is heard'
      : (look.evidence.find((one) => one.side === side)?.text ?? 'it gives signs of life')
    return notProven(scene, host, `${names(devices)} that it is off, but ${sign}`, events)
  }
  return { flow: 'wait', waiting: leaving(host), untilAt: now + 1_000, memo: { at: 0, saidOffAt } }
}

function asleep(
  scene: Scene<'host.sleep'>,
  host: Host,
  devices: FenceDevice[],
  events: NonNullable<Flow['events']>,
): Flow {
  const { task, world, ctx, now } = scene
  const changes = new Changes(world, ctx, { initiator: task.initiator, taskId: task.id })
  changes.add(events)
  const byAgent = sleepMemo(scene).hardAt === undefined
  const text = `${host.name} ${byAgent ? 'was shut down' : 'was switched off'} to sleep, and ${names(devices)} that its power is off`
  const proof: DeathProof = { by: byAgent ? 'shutdown' : 'device', at: now, text, person: null }
  becomeFenced(changes, host.id, proof)
  fellAsleep(changes, host.id, standbyOf(task, now))
  return { flow: 'next', events: changes.events, memo: { level: 0, at: 0 } }
}

/** Neither up for certain nor proven off: who is silent is looked after like any other. */
function notProven(
  scene: Scene<'host.sleep'>,
  host: Host,
  cause: string,
  events: NonNullable<Flow['events']>,
): Flow {
  const up = host.state === 'connected'
  const remedy = up
    ? 'It is in service again; look at its fence device'
    : 'High availability makes sure of it'
  const flow = stayAwake(scene, host, { state: 'failed', cause, remedy })
  return { ...flow, events: [...events, ...(flow.events ?? [])] }
}

function leaving(host: Host) {
  const remedy = 'Nothing has to be done'
  return { code: 'attention', what: `${host.name} is going down`, remedy } as const
}

function names(devices: readonly FenceDevice[]): string {
  return `${sayList(devices.map(({ name }) => name))} ${devices.length === 1 ? 'says' : 'say'}`
}

function fence(kind: FenceOrder['kind'], { id }: FenceDevice): Flow & { flow: 'fence' } {
  return { flow: 'fence', order: { kind, deviceId: id } }
}
