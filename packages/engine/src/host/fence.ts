import {
  type DeathProof,
  type FenceDevice,
  type FenceId,
  type FenceOrder,
  type Host,
  type IncidentId,
  type Outcome,
  refOf,
  sayList,
  sayRefusal,
  type TaskId,
  type TaskPlan,
  type World,
} from '@drover/model'
import { answered, saysOff } from '../fence/answered'
import { levelsOf, softDevicesOf } from '../fence/devices'
import { lookAt, selfFenceAt } from '../ha/evidence'
import { becomeFenced } from '../ha/lost'
import { stormAround, stormRefusal } from '../ha/storm'
import { markIncident } from '../incident/rows'
import { startTask } from '../task/create'
import type { Flow, Scene } from '../task/flow'
import type { Ending } from '../task/step'
import { Changes } from '../world/changes'
import { stateChanged } from './liveness'

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
/** What a restarted agent gets to be heard again. */
const softMs = 10_000

/** What a fence task remembers between its moves. */
interface FenceMemo {
  /** The first order to switch off went out: from then on the host may die at any moment. */
  offAt?: number
  /** Which level of devices, which device of it, and what it was asked for. */
  level?: number
  at?: number
  act?: 'off' | 'status'
  /** Orders to this level before this one, and looks since the last one. */
  round?: number
  polls?: number
  /** Since when all devices of the level say off. */
  saidOffAt?: number
  /** All levels have failed, so often; nothing is under way until they are tried again. */
  failed?: boolean
  times?: number
  againAt?: number
  why?: string
  soft?: number
  softUntil?: number
}

export interface FenceWanted {
  incidentId: IncidentId | null
  byHand: boolean
  /** Only has its agent restarted. */
  softOnly: boolean
  reason: string | null
}

/** The plan of a fence: soft where set up, then off, then proof. */
export function fenceSteps(
  world: World,
  host: Host,
  { byHand, softOnly }: Pick<FenceWanted, 'byHand' | 'softOnly'>,
): TaskPlan {
  const soft = !byHand && softDevicesOf(world, host.id).length > 0
  const names = [
    ...(soft || softOnly ? (['soft fence'] as const) : []),
    ...(softOnly ? [] : (['power off', 'prove that it is off'] as const)),
  ]
  return {
    what: 'host.fence',
    vm: null,
    verdict: { ok: true },
    steps: names.map((name) => ({ name, host: refOf(host) })),
    target: null,
    method: null,
    expectedMs: null,
  }
}

/** Begins to make sure of a host: the task, and the host's state. */
export function startFence(
  changes: Changes,
  host: Host,
  wanted: FenceWanted,
  plan?: TaskPlan,
): TaskId | null {
  const { incidentId, byHand, softOnly, reason } = wanted
  const started = startTask(
    changes.world,
    changes.ctx,
    plan ?? fenceSteps(changes.world, host, wanted),
    () => ({
      kind: 'host.fence' as const,
      params: { incidentId, byHand },
      vm: null,
      host: refOf(host),
      name: host.name,
      clusterId: host.clusterId,
      hostIds: [host.id],
      reason,
    }),
  )
  if (started.ok) changes.add(started.change)
  const taskId = started.ok ? started.value.taskId : null
  if (softOnly) return taskId
  const why = byHand ? 'somebody wants it switched off' : 'it is being made sure of'
  const changed = stateChanged(changes.get('host', host.id)!, 'fencing', why, changes.now)
  if (changed) changes.add([changed.event])
  return taskId
}

type FenceScene = Scene<'host.fence'>

export function fenceStep(scene: FenceScene): Flow {
  const { world, task, step } = scene
  const host = world.tables.host.get(task.host!.id)
  if (!host) return finish(scene, 'failed', 'it was removed from Drover')
  if (host.state === 'fenced') return { flow: 'finish', ...proven(scene, host.proof) }
  // Restarting its agent is the one thing that is done to a host that is not being fenced.
  const softOnly = !task.steps.some(({ name }) => name === 'power off')
  if (host.state === 'connected' || host.state === 'connecting')
    return finish(scene, softOnly ? 'succeeded' : 'cancelled', 'its agent is heard again')
  if (step === 'soft fence') return softly(scene, host)
  const memo = scene.task.memo as FenceMemo
  const stop = memo.offAt === undefined ? whyStop(scene, host) : null
  if (stop) return callOff(scene, host, stop)
  if (step === 'power off') return powerOff(scene, host, memo)
  return prove(scene, host, memo)
}

export function fenceOutcome(scene: FenceScene): Ending {
  const cause = 'restarting its agent did not bring it back; its VMs run on'
  return { state: 'failed', outcome: { code: 'not_fenced', host: scene.task.host!, cause } }
}

// ---- soft -----------------------------------------------------------------------------------------------------

function softly(scene: FenceScene, host: Host): Flow {
  const { world, said, now } = scene
  const memo = scene.task.memo as FenceMemo
  const devices = softDevicesOf(world, host.id)
  const events = said ? answered(scene, host) : []
  const done = (memo.soft ?? 0) + (said ? 1 : 0)
  const ok = said?.result.ok ?? false
  const until = ok ? now + softMs : memo.softUntil
  if (scene.task.state === 'cancelling') return callOff(scene, host, 'it was cancelled')
  const next = devices[done]
  if (!ok && !memo.softUntil && next) {
    const changes = new Changes(world, scene.ctx, { initiator: { kind: 'drover' }, taskId: scene.task.id })
    if (done === 0) markIncident(changes, host.incidentId, 'fence started', `${next.name} restarts its agent`)
    return { ...order('fence.soft', next), memo: { soft: done }, events: [...events, ...changes.events] }
  }
  if (until === undefined || now >= until) return { flow: 'next', events, skipped: devices.length === 0 }
  const waiting = { code: 'agent_back', host: refOf(host) } as const
  return { flow: 'wait', waiting, untilAt: until, memo: { soft: done, softUntil: until }, events }
}

// ---- off ------------------------------------------------------------------------------------------------------

/** The first orders. Before the first one goes out, it waits for its turn and its delay. */
function powerOff(scene: FenceScene, host: Host, memo: FenceMemo): Flow {
  const [devices = []] = levelsOf(scene.world, host.id)
  if (devices.length === 0) return { flow: 'next', skipped: true }
  if (!scene.said) {
    const from = memo.offAt === undefined ? startsAt(scene, devices) : 0
    if (scene.now < from) return { flow: 'wait', waiting: waitingFor(host, devices[0]!, 0), untilAt: from }
    return firstOff(scene, host, devices[memo.at ?? 0] ?? devices[0]!)
  }
  const events = answered(scene, host)
  if (!scene.said.result.ok)
    return { flow: 'next', memo: { at: 0, act: 'off', round: 1, why: whyOf(scene) }, events }
  const at = (memo.at ?? 0) + 1
  const next = devices[at]
  if (next) return { ...order('fence.off', next), memo: { at }, events }
  return { flow: 'next', memo: { at: 0, act: 'status', round: 0, polls: 0 }, events }
}

function firstOff(scene: FenceScene, host: Host, device: FenceDevice): Flow {
  const { task, now } = scene
  const changes = new Changes(scene.world, scene.ctx, { initiator: task.initiator, taskId: task.id })
  markIncident(changes, host.incidentId, 'fence started', `${device.name} is told to switch it off`)
  const offAt = (task.memo as FenceMemo).offAt ?? now
  return { ...order('fence.off', device), memo: { offAt, level: 0 }, events: changes.events }
}

/** Not before its device's delay, nor too soon after another fence of the cluster. */
function startsAt(scene: FenceScene, devices: FenceDevice[]): number {
  const { world, task } = scene
  const delayMs = Math.max(...devices.map((device) => device.delayMs))
  const from = (task.startedAt ?? scene.now) + delayMs
  const quietMs = task.params.byHand ? 0 : (world.tables.cluster.get(task.clusterId)?.ha.fenceQuietMs ?? 0)
  if (quietMs <= 0) return from
  let last = 0
  for (const other of world.tables.task.values())
    if (other.kind === 'host.fence' && other.clusterId === task.clusterId && other.id !== task.id)
      last = Math.max(last, (other.memo as FenceMemo).offAt ?? 0)
  return last === 0 ? from : Math.max(from, last + quietMs)
}

/** Why a fence that has not switched anything off yet is given up. */
function whyStop({ task, world }: FenceScene, host: Host): string | null {
  if (task.state === 'cancelling') return 'it was cancelled'
  if (task.params.byHand) return null
  const cluster = world.tables.cluster.get(task.clusterId)
  if (!cluster) return null
  const { mode, modeReason } = cluster.ha
  if (mode !== 'armed')
    return sayRefusal({ code: 'ha_disarmed', cluster: refOf(cluster), mode, by: modeReason })
  const storm = stormAround(world, host)
  return storm ? sayRefusal(stormRefusal(cluster, storm)) : null
}

function callOff(scene: FenceScene, host: Host, why: string): Flow {
  const changes = new Changes(scene.world, scene.ctx, {
    initiator: { kind: 'drover' },
    taskId: scene.task.id,
  })
  if (host.state === 'fencing') {
    const live = scene.world.live.get(host.id)
    const heard = live !== undefined && live.reportedAt !== null && scene.now - live.heardAt < 3_000
    const changed = stateChanged(host, heard ? 'connected' : 'suspect', `it is not fenced: ${why}`, scene.now)
    if (changed) changes.add([changed.event])
  }
  return { ...finish(scene, 'cancelled', why), events: changes.events }
}

// ---- proof ----------------------------------------------------------------------------------------------------

/** Asks until every device of the level says off; then the next level, and in the end waits for another proof. */
function prove(scene: FenceScene, host: Host, memo: FenceMemo): Flow {
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
      memo: { offAt: memo.offAt ?? now },
    }
  }
  const events = answered(scene, host)
  if (said.body.kind === 'fence.off') {
    if (!said.result.ok)
      return { ...nextRound(scene, host, memo, levels, whyOf(scene)), ...withEvents(events) }
    const next = devices[at + 1]
    if (next) return { ...order('fence.off', next), memo: { at: at + 1 }, events }
    return { ...order('fence.status', devices[0]!), memo: { act: 'status', at: 0, polls: 0 }, events }
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
  const heard = heardAt <= now && heardAt > saidOffAt + pollMs
  const names = sayList(devices.map(({ name }) => name))
  const say = devices.length === 1 ? 'says' : 'say'
  if (look.storage !== 'fresh' && look.peers !== 'reach' && !heard) {
    const text = `${names} ${say} that the power of ${host.name} is off`
    const proof: DeathProof = { by: 'device', at: now, text, person: null }
    const ending = proven(scene, proof)
    return { flow: 'finish', ...ending, events: [...events, ...ending.events] }
  }
  if (now - saidOffAt >= lastSignsMs) {
    const why = `${names} ${say} that it is off, but ${heard ? 'its agent is heard' : sign(look)}`
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
  if (scene.now < dueAt || !first)
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

// ---- words ----------------------------------------------------------------------------------------------------

function order(kind: FenceOrder['kind'], { id }: { id: FenceId }): Flow & { flow: 'fence' } {
  return { flow: 'fence', order: { kind, deviceId: id } }
}

function withEvents(events: NonNullable<Flow['events']>): { events?: Flow['events'] } {
  return events.length > 0 ? { events } : {}
}

function waitingFor(host: Host, device: FenceDevice, tries: number) {
  return { code: 'fence_device', host: refOf(host), device: refOf(device), tries } as const
}

/** Why the last order did not switch the host off. */
function whyOf({ said, world }: FenceScene): string {
  if (!said) return 'no device answered'
  const { deviceId } = said.body as FenceOrder
  const name = world.tables.fence.get(deviceId)?.name ?? deviceId
  if (!said.result.ok) return `${name}: ${said.result.message}`
  const { power, message } = said.result.data as { power: string; message: string }
  return power === 'on'
    ? `${name} says that it is still on`
    : `${name} cannot say whether it is off: ${message}`
}

function finish({ task }: FenceScene, state: Ending['state'], cause: string): Flow & { flow: 'finish' } {
  return { flow: 'finish', state, outcome: { code: 'not_fenced', host: task.host!, cause } }
}

/** The end of a fence that reached its goal, with everything that follows for the host and its VMs. */
function proven(
  scene: FenceScene,
  proof: DeathProof | null,
): Ending & { events: NonNullable<Flow['events']> } {
  const { task, now, world } = scene
  const host = world.tables.host.get(task.host!.id)!
  const changes = new Changes(world, scene.ctx, { initiator: task.initiator, taskId: task.id })
  if (proof && host.state !== 'fenced') becomeFenced(changes, host.id, proof, task.id)
  const how = proof?.text ?? 'it runs nothing'
  const outcome: Outcome = { code: 'fenced', host: refOf(host), how, totalMs: now - (task.startedAt ?? now) }
  return { state: 'succeeded', outcome, events: changes.events }
}
