import { type DeathProof, type FenceDevice, type Host, refOf, sayList } from '@drover/model'
import { answered, saysOff } from '../../fence/answered'
import { levelsOf, saysOffAlways } from '../../fence/devices'
import { lookAt, selfFenceAt } from '../../ha/evidence'
import { isHeard, lifeSince } from '../../ha/life'
import type { Flow } from '../../task/flow'
import { whyStop } from './off'
import { type FenceMemo, type FenceScene, order, proven, waitingFor, whyOf, withEvents } from './words'

/** Between two looks at a device that has not switched the host off yet. */
const pollMs = 1_000
/** Looks at it after each order; the device itself has waited before it answered the order. */
const pollsEach = 4
/** Once every device has failed, all are tried again after this, and less often when that has gone on for long. */
const againMs = 30_000
const againLaterMs = 120_000
const manyTries = 20
/** A host that a device calls off and that still gives signs of life after this is not off. */
const lastSignsMs = 12_000

/** Asks until every device of the level says off; then the next level, and in the end waits for another proof. */
export function prove(scene: FenceScene, host: Host, memo: FenceMemo): Flow {
  const levels = levelsOf(scene.world, host.id)
  const devices = levels[memo.level ?? 0] ?? []
  const { said, now } = scene
  if (memo.failed) return retry(scene, host, memo, levels)
  if (devices.length === 0) return allFailed(scene, host, memo, 'it has no fence device that is in use')
  const { at = 0, act = 'off', round = 0, polls = 0 } = memo
  if (!said) {
    const device = devices[at] ?? devices[0]!
    return {
      ...order(act === 'off' ? 'fence.off' : 'fence.status', device),
      memo: { offAt: memo.offAt ?? now, ...(at === 0 ? { askedAt: now } : {}) },
    }
  }
  const events = answered(scene, host)
  if (said.body.kind === 'fence.off') {
    if (!said.result.ok)
      return { ...nextRound(scene, host, memo, levels, whyOf(scene)), ...withEvents(events) }
    const next = devices[at + 1]
    if (next) return { ...order('fence.off', next), memo: { at: at + 1 }, events }
    const asked = { act: 'status', at: 0, polls: 0, askedAt: now } as const
    return { ...order('fence.status', devices[0]!), memo: asked, events }
  }
  if (!said.result.ok) return { ...nextRound(scene, host, memo, levels, whyOf(scene)), ...withEvents(events) }
  if (saysOff(said)) {
    const next = devices[at + 1]
    if (next) return { ...order('fence.status', next), memo: { at: at + 1 }, events }
    return allOff(scene, host, memo, levels, devices, events)
  }
  if (polls + 1 >= pollsEach)
    return { ...nextRound(scene, host, memo, levels, whyOf(scene)), ...withEvents(events) }
  const tries = round + 1
  const waiting = waitingFor(host, devices[at]!, tries)
  return {
    flow: 'wait',
    waiting,
    untilAt: now + pollMs,
    memo: { polls: polls + 1, saidOffAt: undefined },
    events,
  }
}

/** Every device says off. A host that nevertheless gives signs of life is not: its devices are wrong. */
function allOff(
  scene: FenceScene,
  host: Host,
  memo: FenceMemo,
  levels: FenceDevice[][],
  devices: FenceDevice[],
  events: NonNullable<Flow['events']>,
): Flow {
  const { world, now } = scene
  const saidOffAt = memo.saidOffAt ?? now
  const look = lookAt(world, host, now)
  const heardAt = world.live.get(host.id)?.heardAt ?? 0
  // Since it was asked, for what a slow device says may be older than that.
  const heard = heardAt <= now && (heardAt > (memo.askedAt ?? saidOffAt) || isHeard(world, host, now))
  const alive = heard ? 'its agent is heard' : lifeSince(world, host, look, saidOffAt, now)
  const names = sayList(devices.map(({ name }) => name))
  const say = devices.length === 1 ? 'says' : 'say'
  const liar = devices.find((device) => saysOffAlways(world, device))
  if (liar) {
    const why = `${liar.name} says that it is off, and said the same while ${host.name} was heard`
    return { ...nextRound(scene, host, memo, levels, why), ...withEvents(events) }
  }
  if (look.storage !== 'fresh' && look.peers !== 'reach' && alive === null) {
    const text = `${names} ${say} that the power of ${host.name} is off`
    const proof: DeathProof = { by: 'device', at: now, text, person: null }
    const ending = proven(scene, proof)
    return { flow: 'finish', ...ending, events: [...events, ...ending.events] }
  }
  if (now - saidOffAt >= lastSignsMs) {
    const why = `${names} ${say} that it is off, but ${alive ?? sign(look)}`
    return { ...nextRound(scene, host, memo, levels, why), ...withEvents(events) }
  }
  return {
    flow: 'wait',
    waiting: waitingFor(host, devices[0]!, (memo.round ?? 0) + 1),
    untilAt: now + pollMs,
    memo: { at: 0, saidOffAt },
    events,
  }
}

function sign(look: ReturnType<typeof lookAt>): string {
  const side = look.storage === 'fresh' ? 'storage' : 'peers'
  return look.evidence.find((one) => one.side === side)!.text
}

/** This order did not do it: the same level again, or the next one, or none is left. */
function nextRound(
  scene: FenceScene,
  host: Host,
  memo: FenceMemo,
  levels: FenceDevice[][],
  why: string,
): Flow {
  const { level = 0, round = 0 } = memo
  const devices = levels[level] ?? []
  const retries = Math.max(0, ...devices.map((device) => device.retries))
  const fresh = { at: 0, act: 'off', polls: 0, saidOffAt: undefined, why } as const
  if (round < retries)
    return {
      flow: 'wait',
      waiting: waitingFor(host, devices[0]!, round + 2),
      untilAt: scene.now + pollMs,
      memo: { ...fresh, round: round + 1 },
    }
  const next = levels[level + 1]?.[0]
  if (next) return { ...order('fence.off', next), memo: { ...fresh, level: level + 1, round: 0 } }
  return allFailed(scene, host, { ...memo, ...fresh }, why)
}

function allFailed(scene: FenceScene, host: Host, memo: FenceMemo, why: string): Flow {
  const times = (memo.times ?? 0) + 1
  const next: FenceMemo = { ...memo, failed: true, times: times, why }
  return waitForProof(scene, host, next)
}

/** Nothing is under way. Looks whether something has come meanwhile, and tries the devices again when it is time. */
function retry(scene: FenceScene, host: Host, memo: FenceMemo, levels: FenceDevice[][]): Flow {
  const dueAt = memo.againAt ?? 0
  const first = levels[0]?.[0]
  // Nobody is switched off any more where that was put on hold meanwhile, or in a storm; what proves it otherwise still may.
  const stop = scene.now < dueAt ? null : whyStop(scene, host)
  if (scene.now < dueAt || !first || stop !== null)
    return waitForProof(scene, host, memo, Math.max(dueAt, scene.now + againMs))
  const again = { failed: false, level: 0, at: 0, act: 'off', round: 0, polls: 0, saidOffAt: undefined }
  return { ...order('fence.off', first), memo: again }
}

function waitForProof(scene: FenceScene, host: Host, memo: FenceMemo, againAt?: number): Flow {
  const pause = (memo.times ?? 0) > manyTries ? againLaterMs : againMs
  const dueAt = againAt ?? scene.now + pause
  const selfAt = selfFenceAt(scene.world, host, scene.now)
  const waiting = {
    code: 'proof',
    host: refOf(host),
    selfFenceAt: selfAt,
    why: memo.why ?? 'no device answers',
  } as const
  const untilAt = selfAt !== null && selfAt > scene.now ? Math.min(dueAt, selfAt) : dueAt
  return { flow: 'wait', waiting, untilAt, memo: { ...memo, againAt: dueAt } }
}
