import { type Host, refOf, type Vm } from '@drover/model'
import type { Flow, Scene } from '../../task/flow'
import { asPart, openParts, partsWait } from '../../task/parts'
import { decidePower } from '../../vm/power'
import { type StoppedShort, stoppedShort } from '../evacuate/empty'
import { guestsDown, shutdownMemo } from './memo'

/** Guests that are started at the same time. */
const atOnce = 4
const triesOfStart = 3

/** Starts the guests again where they were, the first tiers first. Those that will not are named; the rest runs. */
export function startGuests(scene: Scene<'host.shutdown'>, host: Host): Flow {
  const { world, task, ctx } = scene
  const memo = shutdownMemo(scene)
  if (host.state === 'fencing' || host.state === 'fenced') return { flow: 'next' }
  if (host.state !== 'connected')
    return { flow: 'wait', waiting: { code: 'agent_back', host: refOf(host) }, untilAt: null }
  // Its mode was changed in this very commit: look again when that is true.
  if (host.mode === 'entering')
    return { flow: 'wait', waiting: { code: 'agent_back', host: refOf(host) }, untilAt: scene.now }
  const open = openParts(world, task.id)
  // In maintenance still: they wait for its end.
  const down = host.mode === 'normal' ? guestsDown(scene, host) : []
  const parts = memo.parts ?? []
  const tries = (vm: Vm) => parts.filter(({ vmId }) => vmId === vm.id).length
  const startable = down.filter((vm) => tries(vm) < triesOfStart)
  for (const vm of startable.sort((a, b) => a.ha.tier - b.ha.tier)) {
    if (world.index.openTaskByVm.has(vm.id) || open.length >= atOnce) continue
    const as = { ...ctx, initiator: task.initiator }
    const decision = decidePower(world, 'vm.start', { vmId: vm.id, reason: task.reason }, as)
    const begun = decision.ok ? asPart(task, decision) : null
    const taskId = begun?.taskId ?? (`${task.id}` as const)
    const names = [...open.map(({ vmName }) => vmName), vm.name]
    const waiting = {
      code: 'parts' as const,
      left: down.length,
      of: memo.guests?.length ?? down.length,
      names,
    }
    // A start that is refused counts as one that failed; the next move tries the next.
    const memoized = { parts: [...parts, { taskId, vmId: vm.id }] }
    const untilAt = begun ? null : scene.now
    return { flow: 'wait', waiting, untilAt, memo: memoized, ...(begun && { events: begun.events }) }
  }
  if (open.length > 0 || startable.length > 0) {
    const waiting = partsWait(open, down.length, memo.guests?.length ?? down.length)
    return { flow: 'wait', waiting, untilAt: null }
  }
  if (down.length === 0 || memo.end) return { flow: 'next' }
  const names = down.map(({ name }) => name).join(', ')
  const short: StoppedShort = {
    state: 'failed',
    cause: `${names} did not start`,
    remedy: 'Look at why and power it on',
  }
  return { flow: 'next', memo: { end: { state: short.state, outcome: stoppedShort(scene, short) } } }
}
