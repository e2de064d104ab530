import { type Host, refOf } from '@drover/model'
import { lookAt, silentMs } from '../../ha/evidence'
import { becomeFenced } from '../../ha/lost'
import { type Flow, interrupted, maxTries, type Scene, send, triesOf } from '../../task/flow'
import { Changes } from '../../world/changes'
import { activeOn } from '../evacuate'
import { stoppedShort } from '../evacuate/empty'
import { backToBefore, endShort, shutdownMemo } from './memo'

/** An operating system that has not gone down by then does not. */
const downMs = 180_000
/** A machine that has not come back by then needs somebody to look at it. */
const upMs = 1_200_000

/**
 * Gives the order, and makes sure that the host is off: its device says so, it has booted anew, or it said that it goes,
 * ran nothing any more, and has been silent on every side since. Its saying yes is not proof.
 */
export function switchOff(scene: Scene<'host.shutdown'>, host: Host): Flow {
  const { said, task } = scene
  const memo = shutdownMemo(scene)
  const order = { kind: 'host.shutdown', reboot: task.params.reboot } as const
  if (said) {
    if (said.result.ok)
      return { flow: 'wait', waiting: leaving(host), untilAt: scene.now, memo: { wentAt: scene.now } }
    const tries = triesOf(scene)
    if (
      interrupted(said) &&
      host.state === 'connected' &&
      tries < maxTries &&
      host.facts?.bootId === memo.bootId
    )
      return send(host.id, order, { memo: { tries: tries + 1 } })
    const short = {
      state: 'failed',
      cause: said.result.message,
      remedy: 'Shut it down at its console',
    } as const
    if (host.state === 'connected' && host.facts?.bootId === memo.bootId) return endShort(scene, host, short)
  }
  if (memo.bootId === undefined) {
    if (task.state === 'cancelling')
      return endShort(scene, host, { state: 'cancelled', cause: 'it was cancelled', remedy: 'It is up' })
    if (host.state === 'fencing' || host.state === 'fenced') return lost(scene, host)
    if (host.state !== 'connected')
      return { flow: 'wait', waiting: { code: 'agent_back', host: refOf(host) }, untilAt: null }
    const [still] = activeOn(scene.world, host.id)
    if (still) {
      const remedy = 'Look at what started it, then try again'
      return endShort(scene, host, { state: 'failed', cause: `${still.name} runs there again`, remedy })
    }
    return send(host.id, order, { memo: { bootId: host.facts?.bootId ?? null, since: scene.now } })
  }
  return awaitOff(scene, host)
}

function leaving(host: Host) {
  const remedy = 'Nothing has to be done'
  return { code: 'attention', what: `${host.name} is going down`, remedy } as const
}

function awaitOff(scene: Scene<'host.shutdown'>, host: Host): Flow {
  const { world, task, now } = scene
  const memo = shutdownMemo(scene)
  const { reboot, guests } = task.params
  const booted = (host.facts?.bootId ?? null) !== memo.bootId
  if (host.state === 'fenced') return off(scene, host, [])
  if (booted) return reboot ? { flow: 'next' } : cameBack(scene, host)
  // The guests of a reboot that wait for their host need no proof that it is off.
  const silent = host.state !== 'connected' && host.state !== 'connecting'
  if (silent && reboot && guests !== 'failover' && memo.wentAt !== undefined) return { flow: 'next' }
  if (silent && memo.wentAt !== undefined && isGone(scene, host)) {
    const changes = new Changes(world, scene.ctx, { initiator: task.initiator, taskId: task.id })
    const text = `${host.name} ran nothing any more, went down as it was told, and has been silent on every side since`
    becomeFenced(changes, host.id, { by: 'shutdown', at: now, text, person: null })
    return off(scene, changes.get('host', host.id)!, changes.events)
  }
  if (now - (memo.since ?? now) >= downMs) {
    if (host.state !== 'connected') return lost(scene, host)
    const cause = `${host.name} took the order and is still up after ${downMs / 60_000} minutes`
    return endShort(scene, host, { state: 'failed', cause, remedy: 'Look at its console' })
  }
  // An order that was never answered was perhaps never heard: then its silence is a failure like any other.
  const patienceMs = world.tables.cluster.get(host.clusterId)?.ha.decideMs ?? 10_000
  if (silent && memo.wentAt === undefined && now - host.stateSince > patienceMs) return lost(scene, host)
  const silence = silentMs(world, host, now)
  const next = !silent
    ? (memo.since ?? now) + downMs
    : silence < patienceMs
      ? now + patienceMs - silence
      : now + 2_000
  return { flow: 'wait', waiting: leaving(host), untilAt: Math.max(now + 1_000, next) }
}

/** Silent for long enough, no sign of life on storage or from peers, and no device says that it has power. */
function isGone({ world, now }: Scene<'host.shutdown'>, host: Host): boolean {
  const ha = world.tables.cluster.get(host.clusterId)?.ha
  if (silentMs(world, host, now) < (ha?.decideMs ?? 10_000)) return false
  const look = lookAt(world, host, now)
  return look.storage !== 'fresh' && look.peers !== 'reach' && look.power !== 'on'
}

/** Proven off. It counts as in service again, so that it is when somebody switches it on; who waits for it waits on. */
function off(scene: Scene<'host.shutdown'>, host: Host, events: Flow['events']): Flow {
  const { guests, reboot } = scene.task.params
  const held = guests === 'failover' ? null : host.held
  if (reboot && guests !== 'failover') return { flow: 'next', ...(events?.length && { events }) }
  return { flow: 'next', events: [...(events ?? []), ...backToBefore(scene, host, held)] }
}

function cameBack(scene: Scene<'host.shutdown'>, host: Host): Flow {
  const cause = `${host.name} was told to shut down and has booted again`
  return endShort(scene, host, { state: 'failed', cause, remedy: 'Look at why it powers itself on' })
}

function lost(scene: Scene<'host.shutdown'>, host: Host): Flow {
  const cause = `${host.name} fell silent without having said that it goes down`
  return endShort(scene, host, { state: 'failed', cause, remedy: 'High availability makes sure of it' })
}

/** Until it has booted anew and its agent has said what it sees. */
export function awaitAgent(scene: Scene<'host.shutdown'>, host: Host): Flow {
  const memo = shutdownMemo(scene)
  const back = host.state === 'connected' && (host.facts?.bootId ?? null) !== memo.bootId
  if (back && scene.world.live.get(host.id)?.reportedAt != null)
    return { flow: 'next', events: backToBefore(scene, host), memo: { parts: [], since: scene.now } }
  const waitedMs = scene.now - (memo.wentAt ?? memo.since ?? scene.now)
  if (waitedMs >= upMs || scene.task.state === 'cancelling') {
    const cause = `${host.name} has not come back within ${Math.round(waitedMs / 60_000)} minutes`
    const remedy = 'Look at its console'
    const state = scene.task.state === 'cancelling' ? 'cancelled' : 'failed'
    const outcome = stoppedShort(scene, { state, cause, remedy })
    // Held guests go on waiting; those that were only to come up here again are no longer kept from coming up elsewhere.
    const events = backToBefore(scene, host, scene.task.params.guests === 'hold' ? host.held : null)
    return { flow: 'finish', state, outcome, events }
  }
  const untilAt = (memo.wentAt ?? memo.since ?? scene.now) + upMs
  return { flow: 'wait', waiting: { code: 'agent_back', host: refOf(host) }, untilAt }
}
