import {
  type Cluster,
  type GuestPolicy,
  isHeld,
  type Refusal,
  refOf,
  sayInitiator,
  type Task,
  type World,
} from '@drover/model'
import { taskRef } from '../task/create'
import { checkOnce } from '../vm/check'
import { tasksOn } from '../world/find'
import type { Down } from './down'
import { sourceOf } from './source'

/** Guests that come up again where they were, or not before somebody says so. */
const staying: readonly GuestPolicy[] = ['restartInPlace', 'hold']

/** Why a VM that is down is not to be started anywhere now, whatever room there is; none: it may be placed. */
export function reasonsToWait(world: World, cluster: Cluster, { vm, home }: Down, now: number): Refusal[] {
  const { mode, modeReason } = cluster.ha
  if (mode !== 'armed') return [{ code: 'ha_disarmed', cluster: refOf(cluster), mode, by: modeReason }]
  if (isHeld(home)) return [{ code: 'host_held', vm: refOf(vm), host: refOf(home) }]
  const refusals: Refusal[] = [...checkOnce(world, vm)]
  const shutdown = tasksOn(world, home.id).find(
    (task) => task.kind === 'host.shutdown' && task.host?.id === home.id,
  ) as Task<'host.shutdown'> | undefined
  // Its guests are being shut down for it: nothing of them comes up before it is off, and some of them only there.
  if (shutdown && (home.state !== 'fenced' || staying.includes(shutdown.params.guests))) {
    const by = sayInitiator(shutdown.initiator)
    refusals.push({ code: 'host_task', host: refOf(home), task: taskRef(shutdown), by })
  }
  const source = sourceOf(world, vm, home.id, now)
  if (source.may === 'no') refusals.push(...source.why)
  if (source.may === 'wait')
    refusals.push({ code: 'host_silent', host: refOf(home), sinceAt: home.stateSince })
  if (home.state !== 'connected')
    for (const path of vm.strayDisks ?? [])
      refusals.push({ code: 'disk_outside', vm: refOf(vm), host: refOf(home), path })
  return refusals
}
