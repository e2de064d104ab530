import {
  type DeathProof,
  enter,
  type Host,
  type HostId,
  hostStates,
  isActive,
  isOpen,
  refOf,
  type Task,
  type TaskId,
  type Vm,
} from '@drover/model'
import { markIncident, noteVm, openIncident } from '../incident/rows'
import type { Changes } from '../world/changes'
import { vmsOn } from '../world/find'
import { put } from '../world/rows'

/**
 * The one way in which a host becomes `fenced`: it is proven that it runs nothing, so what ran there is lost, and may be
 * started elsewhere. Its VMs' rows say so in the same commit, each with a `vm.lost`.
 */
export function becomeFenced(
  changes: Changes,
  hostId: HostId,
  proof: DeathProof,
  byTask: TaskId | null = null,
): void {
  const before = changes.get('host', hostId)
  if (!before || before.state === 'fenced') return
  const active = vmsOn(changes.world, hostId).filter(isActive)
  let host = before
  if (!host.incidentId && active.length > 0) {
    openIncident(changes, { kind: 'host', clusterId: host.clusterId, title: `${host.name} was lost`, host })
    host = changes.get('host', hostId)!
  }
  const state = enter('host', hostStates, host.state, 'fenced')
  const row: Host = { ...host, state, stateSince: changes.now, proof }
  changes.say({ kind: 'host.state', host: refOf(host), from: host.state, to: 'fenced', why: proof.text }, [
    put('host', row),
  ])
  markIncident(changes, host.incidentId, 'proven off', proof.text, { proof })
  for (const vm of active) loseVm(changes, vm, row, proof.text)
  wakeFenceTasks(changes, hostId, byTask)
}

function loseVm(changes: Changes, vm: Vm, host: Host, why: string): void {
  const row: Vm = { ...vm, power: 'off', powerSince: changes.now, powerReason: why, alsoOn: [] }
  changes.say({ kind: 'vm.lost', vm: refOf(vm), host: refOf(host), why }, [put('vm', row)])
  const left = vm.desired !== 'running' || vm.ha.restart === 'none'
  const reason = vm.desired !== 'running' ? 'it should be off' : 'it is not to be restarted'
  noteVm(changes, host.incidentId, row, left ? { state: 'left', why: reason } : { state: 'waiting' })
}

/** A fence task of the host looks again at once: what it waits for may have come. */
export function wakeFenceTasks(changes: Changes, hostId: HostId, except: TaskId | null = null): void {
  for (const id of changes.world.index.openTasksByHost.get(hostId) ?? []) {
    const task = changes.get('task', id) as Task | undefined
    if (task?.kind !== 'host.fence' || !isOpen(task) || task.wakeAt === null || id === except) continue
    const woken: Task = { ...task, wakeAt: null, waiting: null }
    changes.say(
      { kind: 'task.waiting', task: { id: task.id, name: `fence ${task.host?.name ?? ''}` } },
      [put('task', woken)],
      { taskId: task.id },
    )
  }
}
