import type { Host, Leftover, Vm, VmId } from '@drover/model'
import { notStale, staleAt } from '../recover/clean'
import { leftAt, notLeft } from '../recover/leftover'
import { type Flow, interrupted, maxTries, type Scene, send, triesOf } from '../task/flow'
import type { Ending } from '../task/step'
import { Changes } from '../world/changes'
import { hostOf, hostRef } from '../world/find'

/**
 * Goes through the VMs one by one. Before each order what is true is looked at again: a VM that has come to live here
 * meanwhile is left alone, and one that runs here is stopped only while its home runs it too; a deleted one never is.
 */
export function cleanStep(scene: Scene<'host.clean'>): Flow {
  const { task, said, world } = scene
  const changes = new Changes(world, scene.ctx, { initiator: task.initiator, taskId: task.id })
  const hostId = task.host!.id
  const host = hostOf(world, hostId)
  let at = typeof task.memo.at === 'number' ? task.memo.at : 0
  let done = typeof task.memo.done === 'number' ? task.memo.done : 0
  let stopped = false
  if (said) {
    const again = interrupted(said) && triesOf(scene) < maxTries
    if (said.body.kind === 'vm.undefine' && said.result.ok) {
      const { id } = task.params.vms[at]!.vm
      notStale(changes, id, hostId)
      const left = leftoverOf(host, id)
      if (left) notLeft(changes, hostId, left)
      done += 1
      at += 1
    } else if (said.body.kind === 'vm.stop' && said.result.ok) stopped = true
    // What cannot be removed now is found again by the next look.
    else if (!again) at += 1
  }
  for (; at < task.params.vms.length; at += 1, stopped = false) {
    const { vm: ref, stop } = task.params.vms[at]!
    const tries = triesOf(scene) + (said && !said.result.ok ? 1 : 0)
    const memo = { at, done, tries }
    const left = leftoverOf(changes.get('host', hostId)!, ref.id)
    if (left && leftAt(world, host, left) === 'gone') notLeft(changes, hostId, left)
    else if (left && leftAt(world, host, left) === 'defined')
      return { ...send(hostId, { kind: 'vm.undefine', uuid: left.uuid }, { memo }), events: changes.events }
    const vm = changes.get('vm', ref.id) as Vm | undefined
    if (!vm?.staleOn?.includes(hostId)) continue
    const stale = staleAt(world, vm, host)
    if (stale === 'gone') notStale(changes, vm.id, hostId)
    else if (stale === 'undefine' || (stopped && stale === 'stop'))
      return { ...send(hostId, { kind: 'vm.undefine', uuid: vm.uuid }, { memo }), events: changes.events }
    else if (stale === 'stop' && stop)
      return { ...send(hostId, { kind: 'vm.stop', uuid: vm.uuid }, { memo }), events: changes.events }
  }
  return { flow: 'next', events: changes.events, memo: { done } }
}

function leftoverOf({ leftovers }: Host, vmId: VmId): Leftover | undefined {
  return leftovers?.find(({ id }) => id === vmId)
}

export function cleanOutcome({ task, world }: Scene<'host.clean'>): Ending {
  const host = task.host ?? hostRef(world, task.hostIds[0]!)
  const vms = typeof task.memo.done === 'number' ? task.memo.done : 0
  return { state: 'succeeded', outcome: { code: 'cleaned', host, vms } }
}
