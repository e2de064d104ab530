import {
  type Host,
  type HostId,
  type Outcome,
  refOf,
  sayOutcome,
  sayRefusals,
  type Task,
} from '@drover/model'
import type { Decision } from '../../decision'
import { decideEvacuate } from '../../host/evacuate'
import { decideExitMaintenance } from '../../host/exitMaintenance'
import { decideShutdownHost } from '../../host/shutdown'
import type { Started } from '../../task/create'
import type { Flow, Scene } from '../../task/flow'
import { asPart, callOff, endOf, openParts, partsWait } from '../../task/parts'
import type { Ending } from '../../task/step'
import { hostRef } from '../../world/find'
import type { RollMemo, Turn } from './memo'

type RollScene = Scene<'cluster.roll'>

/** One move of a roll: at most one host goes one phase further, so that each decision sees what came of the last. */
export function rollStep(scene: RollScene): Flow {
  const { world, task } = scene
  const { plan } = task.params
  const memo = memoOf(scene)
  const open = openParts(world, task.id)
  if (task.state === 'cancelling') {
    if (open.length > 0) return rest(scene, open, { events: callOff(world, open, scene.ctx) })
    return stopped(
      scene,
      'cancelled',
      Object.keys(memo.at ?? {})[0] as HostId | undefined,
      'it was cancelled',
    )
  }
  const current = plan.hosts[task.steps.findIndex(({ state }) => state === 'running' || state === 'pending')]
  if (current && memo.done?.includes(current.id)) return { flow: 'next' }
  for (const [id, turn] of Object.entries(memo.at ?? {}) as [HostId, Turn][]) {
    const flow = furtherOn(scene, id, turn)
    if (flow) return flow
  }
  if (memo.trouble) {
    if (open.length > 0) return rest(scene, open)
    return stopped(scene, 'failed', memo.trouble.hostId, memo.trouble.cause)
  }
  return nextHost(scene) ?? rest(scene, open)
}

/** The host's turn, one phase further; null: it is busy, or waits for somebody. */
function furtherOn(scene: RollScene, id: HostId, turn: Turn): Flow | null {
  const { world, ctx, task } = scene
  const { action } = task.params.plan
  const host = world.tables.host.get(id)
  if (!host) return trouble(scene, id, 'it was removed')
  if (turn.taskId && world.index.openTasks.has(turn.taskId)) return null
  const as = { ...ctx, initiator: task.initiator }
  if (memoOf(scene).trouble) return null
  const failed = turn.taskId ? failureOf(scene, host, turn) : null
  if (failed) return trouble(scene, id, failed)
  const { reason } = task
  switch (turn.phase) {
    case 'evacuate':
      if (action === 'pause') return goTo(scene, id, { phase: 'pause', taskId: null })
      if (action === 'nothing') return home(scene, host)
      return beginPart(scene, id, 'reboot', () =>
        decideShutdownHost(
          world,
          { hostId: id, reboot: true, guests: 'evacuate', confirmName: host.name, reason },
          as,
        ),
      )
    case 'pause':
      return turn.go ? home(scene, host) : null
    case 'reboot':
      return home(scene, host)
    case 'home':
      return finishTurn(scene, id)
  }
}

/** Why a part that has ended has not done what it was for; null: it has. Where its row is no longer kept, the host tells. */
function failureOf({ world }: RollScene, host: Host, { taskId, phase }: Turn): string | null {
  const ended = endOf(world, taskId!)
  // VMs that did not come home run elsewhere: nothing is wrong with the host.
  if (phase === 'home') return null
  if (ended)
    return ended.state === 'succeeded' ? null : ended.outcome ? sayOutcome(ended.outcome) : ended.state
  return host.state === 'connected' && host.mode === 'maintenance' ? null : `${host.name} is ${host.state}`
}

function home(scene: RollScene, host: Host): Flow {
  const { world, ctx, task } = scene
  const as = { ...ctx, initiator: task.initiator }
  return beginPart(scene, host.id, 'home', () =>
    decideExitMaintenance(world, { hostId: host.id, home: true, reason: task.reason }, as),
  )
}

/** Begins the next host when there is room for one more and all others are well. */
function nextHost(scene: RollScene): Flow | null {
  const { world, ctx, task } = scene
  const { plan } = task.params
  const memo = memoOf(scene)
  const at = Object.keys(memo.at ?? {})
  const next = plan.hosts.find(({ id }) => !at.includes(id) && !memo.done?.includes(id))
  if (!next || at.length >= plan.width) return null
  const ill = plan.hosts
    .filter(({ id }) => !at.includes(id))
    .map(({ id }) => world.tables.host.get(id))
    .find((host) => host && (host.state !== 'connected' || host.quarantinedUntil !== null))
  if (ill) {
    const is = ill.state === 'connected' ? 'in quarantine' : ill.state
    return trouble(scene, ill.id, `${ill.name} is ${is}, so no other host is taken out of service`)
  }
  const as = { ...ctx, initiator: task.initiator }
  const then = 'maintenance'
  return beginPart(scene, next.id, 'evacuate', () =>
    decideEvacuate(world, { hostId: next.id, then, cold: plan.cold ?? false, reason: task.reason }, as),
  )
}

function beginPart(
  scene: RollScene,
  id: HostId,
  phase: Turn['phase'],
  decide: () => Decision<Started>,
): Flow {
  const decision = decide()
  if (!decision.ok) return trouble(scene, id, sayRefusals(decision.refusals))
  const { events, taskId } = asPart(scene.task, decision)
  if (phase === 'home' && !taskId) return finishTurn(scene, id, events)
  return goTo(scene, id, { phase, taskId }, events)
}

function goTo(scene: RollScene, id: HostId, turn: Turn, events: Flow['events'] = []): Flow {
  const at = { ...memoOf(scene).at, [id]: turn }
  return again(scene, { at }, events)
}

function finishTurn(scene: RollScene, id: HostId, events: Flow['events'] = []): Flow {
  const memo = memoOf(scene)
  const { [id]: _, ...at } = memo.at ?? {}
  return again(scene, { at, done: [...(memo.done ?? []), id] }, events)
}

function trouble(scene: RollScene, hostId: HostId, cause: string): Flow {
  return again(scene, { trouble: { hostId, cause } })
}

/** Writes down where things are and looks again at once. */
function again(scene: RollScene, memo: RollMemo, events: Flow['events'] = []): Flow {
  const task = { ...scene.task, memo: { ...scene.task.memo, ...memo } }
  const flow = rest({ ...scene, task }, openParts(scene.world, task.id))
  return { ...(flow as Extract<Flow, { flow: 'wait' }>), untilAt: scene.now, memo: { ...memo }, events }
}

function rest(scene: RollScene, open: readonly Task[], effects: { events?: Flow['events'] } = {}): Flow {
  const { plan } = scene.task.params
  const memo = memoOf(scene)
  const paused = Object.entries(memo.at ?? {}).filter(([, turn]) => turn.phase === 'pause' && !turn.go)
  const events = effects.events?.length ? { events: effects.events } : {}
  if (paused.length > 0 && open.length === 0) {
    const names = paused.map(([id]) => hostRef(scene.world, id as HostId).name).join(', ')
    const what = `${names} ${paused.length === 1 ? 'is' : 'are'} empty and in maintenance`
    const waiting = { code: 'attention', what, remedy: 'Do your work there, then continue the roll' } as const
    return { flow: 'wait', waiting, untilAt: null, ...events }
  }
  const of = plan.hosts.length
  return {
    flow: 'wait',
    waiting: partsWait(open, of - (memo.done?.length ?? 0), of),
    untilAt: null,
    ...events,
  }
}

function stopped(
  scene: RollScene,
  state: 'failed' | 'cancelled',
  hostId: HostId | undefined,
  cause: string,
): Flow {
  const { plan } = scene.task.params
  const done = memoOf(scene).done?.length ?? 0
  const at = hostId ? hostRef(scene.world, hostId) : (plan.hosts[done] ?? plan.hosts[0]!)
  const outcome: Outcome = {
    code: 'roll_stopped',
    cluster: clusterOf(scene),
    at,
    cause,
    done,
    of: plan.hosts.length,
  }
  return { flow: 'finish', state, outcome }
}

export function rollOutcome(scene: RollScene): Ending {
  const totalMs = scene.now - (scene.task.startedAt ?? scene.now)
  const { hosts } = scene.task.params.plan
  return {
    state: 'succeeded',
    outcome: { code: 'rolled', cluster: clusterOf(scene), hosts: hosts.length, totalMs },
  }
}

function clusterOf({ world, task }: RollScene) {
  const cluster = world.tables.cluster.get(task.clusterId)
  return cluster ? refOf(cluster) : { id: task.clusterId, name: task.vmName }
}

function memoOf(scene: RollScene): RollMemo {
  return scene.task.memo as RollMemo
}
