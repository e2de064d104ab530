import { type FenceAnswer, type FenceOrder, type Host, refOf } from '@drover/model'
import { answered } from '../../fence/answered'
import { levelsOf } from '../../fence/devices'
import type { Flow, Scene } from '../../task/flow'
import { Changes } from '../../world/changes'
import { failedToWake, provenToWake } from '../standby'

export type WakingScene = Scene<'host.powerOn'> | Scene<'host.wake'> | Scene<'host.sleep'>

/** What switching a host on remembers. */
export interface OnMemo {
  level?: number
  at?: number
  /** The first order of this attempt went out, */
  onAt?: number
  /** in this life of the host. */
  onBoot?: string | null
  /** Attempts before this one. */
  round?: number
  /** It is switched off before it is switched on, in case it hangs. */
  cycle?: boolean
  /** What a device said that was told to switch it on and does not say that it is. */
  unsure?: string
}

/** What a machine gets to boot and its agent to report, when nothing is known of it; and the least. */
const bootMs = 10 * 60_000
const leastBootMs = 3 * 60_000
/** Attempts of one task. */
const rounds = 2

type Failed = (cause: string, events?: Flow['events']) => Flow

/** All devices of a level, level after level until one has switched it on. */
export function switchOn(scene: WakingScene, host: Host, failed: Failed): Flow {
  const { world, said, now } = scene
  const memo = scene.task.memo as OnMemo
  const events = said ? answered(scene as Scene, host) : []
  // One that was put to sleep to see whether it wakes has just been proven off: it is switched on, whatever its row still says.
  if (host.state === 'connected' && scene.task.kind !== 'host.sleep') return { flow: 'next', events }
  const levels = levelsOf(world, host.id)
  const { level = 0, at = 0 } = memo
  if (said?.result.ok) {
    const unsure = unsureOf(scene)
    const next = levels[level]?.[at + 1]
    if (next)
      return {
        ...order(said.body.kind as FenceOrder['kind'], next.id),
        memo: { at: at + 1, ...unsure },
        events,
      }
    const first = levels[level]?.[0]
    if (said.body.kind === 'fence.off' && first)
      return { ...order('fence.on', first.id), memo: { at: 0 }, events }
    return { flow: 'next', memo: unsure, events }
  }
  if (said) {
    const next = levels[level + 1]?.[0]
    if (!next) return giveUp(scene, host, said.result.ok ? '' : said.result.message, failed, events)
    return {
      ...order(memo.cycle ? 'fence.off' : 'fence.on', next.id),
      memo: { level: level + 1, at: 0 },
      events,
    }
  }
  const device = levels[level]?.[at]
  if (!device) return giveUp(scene, host, 'it has no fence device that is in use', failed, events)
  const began = { onAt: memo.onAt ?? now, onBoot: memo.onBoot ?? host.facts?.bootId ?? null }
  return { ...order(memo.cycle ? 'fence.off' : 'fence.on', device.id), memo: began }
}

/** Until its agent has reported, in another life than before: that proves that it can be woken. */
export function awaitProof(scene: WakingScene, host: Host, failed: Failed): Flow {
  const { world, task, now } = scene
  const memo = task.memo as OnMemo
  const since = memo.onAt ?? task.startedAt ?? now
  if (host.state === 'connected' && world.live.get(host.id)?.reportedAt != null) {
    if (memo.onAt === undefined || (host.facts?.bootId ?? null) === memo.onBoot) return { flow: 'next' }
    const changes = new Changes(world, scene.ctx, { initiator: task.initiator, taskId: task.id })
    provenToWake(changes, host.id, now - since)
    return { flow: 'next', events: changes.events }
  }
  const until = since + patienceOf(host)
  const { round = 0, unsure } = memo
  const waiting = { code: 'agent_back', host: refOf(host), ...(unsure ? { unsure } : {}) } as const
  if (now < until) return { flow: 'wait', waiting, untilAt: until }
  if (task.kind !== 'host.powerOn' && round + 1 < rounds && host.state === 'fenced') {
    const to = [
      { name: 'wake up' as const, hostId: host.id },
      { name: 'wait for its agent' as const, hostId: host.id },
    ]
    return {
      flow: 'turn',
      to,
      memo: { round: round + 1, cycle: true, level: 0, at: 0, onAt: now, unsure: undefined },
    }
  }
  return giveUp(scene, host, unsure ?? 'it has power, but its agent has not reported', failed, [])
}

/** Its agent is waited for all the same: a device may have done what it cannot tell. */
function unsureOf({ said, world }: WakingScene): Pick<OnMemo, 'unsure'> {
  const { kind, deviceId } = said!.body as FenceOrder
  const { power, message } = (said!.result as { data: FenceAnswer }).data
  if (kind !== 'fence.on' || power === 'on') return {}
  const name = world.tables.fence.get(deviceId)?.name ?? deviceId
  return { unsure: power === 'off' ? `${name} says that it is still off` : `${name}: ${message}` }
}

/** Three times as long as it took when it was proven. */
function patienceOf({ wake }: Host): number {
  return wake ? Math.min(bootMs, Math.max(leastBootMs, 3 * wake.ms)) : bootMs
}

function giveUp(scene: WakingScene, host: Host, cause: string, failed: Failed, events: Flow['events']): Flow {
  const { task, world, ctx } = scene
  const changes = new Changes(world, ctx, { initiator: task.initiator, taskId: task.id })
  if (host.state === 'fenced' && (host.wake || host.standby)) failedToWake(changes, host.id, cause)
  return failed(cause, [...(events ?? []), ...changes.events])
}

function order(kind: FenceOrder['kind'], deviceId: `fence-${number}`): Flow & { flow: 'fence' } {
  return { flow: 'fence', order: { kind, deviceId } }
}
