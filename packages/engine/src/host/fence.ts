import { type Host, type IncidentId, refOf, type TaskId, type TaskPlan, type World } from '@drover/model'
import { softDevicesOf } from '../fence/devices'
import { startTask } from '../task/create'
import type { Flow } from '../task/flow'
import type { Ending } from '../task/step'
import type { Changes } from '../world/changes'
import { callOff, powerOff, whyStop } from './fence/off'
import { prove } from './fence/prove'
import { softly } from './fence/soft'
import { type FenceMemo, type FenceScene, finish, proven } from './fence/words'
import { stateChanged } from './liveness'

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
