import { type Host, isActive, refOf, sayOutcome, type Vm } from '@drover/model'
import type { Flow, Scene } from '../../task/flow'
import { asPart, callOff, endOf, openParts, partsWait } from '../../task/parts'
import { decidePower } from '../../vm/power'
import { vmsOn } from '../../world/find'
import { endShort, shutdownMemo } from './memo'

/** Guests that are shut down at the same time. */
const atOnce = 16

/**
 * Has every guest shut down, by itself; one that does not obey is stopped hard, once. Called off, or failed, what was shut
 * down is started again.
 */
export function stopGuests(scene: Scene<'host.shutdown'>, host: Host): Flow {
  const { world, task, ctx } = scene
  const memo = shutdownMemo(scene)
  const open = openParts(world, task.id)
  if (host.state === 'fencing' || host.state === 'fenced') {
    const cause = `${host.name} was lost meanwhile`
    return endShort(scene, host, { state: 'failed', cause, remedy: 'High availability takes over' })
  }
  if (task.state === 'cancelling') {
    if (open.length > 0)
      return {
        flow: 'wait',
        waiting: partsWait(open, open.length, open.length),
        untilAt: null,
        events: callOff(world, open, ctx),
      }
    return endShort(scene, host, { state: 'cancelled', cause: 'it was cancelled', remedy: 'Its guests run' })
  }
  if (host.state !== 'connected')
    return { flow: 'wait', waiting: { code: 'agent_back', host: refOf(host) }, untilAt: null }
  const left = vmsOn(world, host.id).filter(isActive)
  if (left.length === 0 && open.length === 0) return { flow: 'next' }
  const parts = memo.parts ?? []
  for (const vm of left) {
    if (world.index.openTaskByVm.has(vm.id) || open.length >= atOnce) continue
    const tries = parts.filter(({ vmId }) => vmId === vm.id)
    if (tries.length >= 2) {
      if (open.length > 0) continue
      const why = endOf(world, tries.at(-1)!.taskId)?.outcome
      const cause = why ? sayOutcome(why) : `${vm.name} cannot be stopped`
      return endShort(scene, host, {
        state: 'failed',
        cause,
        remedy: `Stop ${vm.name} by hand, then try again`,
      })
    }
    const flow = stopOne(scene, vm, tries.length > 0, left.length)
    if (flow) return flow
  }
  const names = left.map(({ name }) => name)
  const of = memo.guests?.length ?? left.length
  return {
    flow: 'wait',
    waiting: { code: 'parts', left: left.length, of: Math.max(of, left.length), names },
    untilAt: null,
  }
}

function stopOne(scene: Scene<'host.shutdown'>, vm: Vm, hard: boolean, left: number): Flow | null {
  const { world, task, ctx } = scene
  const memo = shutdownMemo(scene)
  const kind = hard || vm.power === 'paused' ? 'vm.stop' : 'vm.shutdown'
  const decision = decidePower(
    world,
    kind,
    { vmId: vm.id, keepsDesired: true, reason: task.reason },
    { ...ctx, initiator: task.initiator },
  )
  if (!decision.ok) return null
  const { events, taskId } = asPart(task, decision)
  if (!taskId) return null
  const parts = [...(memo.parts ?? []), { taskId, vmId: vm.id }]
  const of = Math.max(memo.guests?.length ?? 0, left)
  const waiting = {
    code: 'parts' as const,
    left,
    of,
    names: [...openParts(world, task.id).map(({ vmName }) => vmName), vm.name],
  }
  return { flow: 'wait', waiting, untilAt: null, events, memo: { parts } }
}
