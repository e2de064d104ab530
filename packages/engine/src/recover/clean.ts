import {
  type Host,
  type HostId,
  type Initiator,
  type Ref,
  refOf,
  type Task,
  type Vm,
  type VmId,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision } from '../decision'
import { startTask } from '../task/create'
import { Changes } from '../world/changes'
import { hostOf, numberOf, taskOf, tasksOn } from '../world/find'
import { put } from '../world/rows'
import { leftAt, notLeft } from './leftover'

const drover: Initiator = { kind: 'drover' }

/** What is to be done about an old definition on a host that can be heard. */
export type Stale = 'gone' | 'undefine' | 'stop' | 'later'

/**
 * What to do about the definition of a VM on a host that it no longer lives on. A VM that runs there is stopped only when
 * three things are certain: its home was moved away from that host on proof that it was dead or had let go of it
 * (`staleOn` is written by that move only), the host at home can be heard, and says that it runs the VM. Where the home
 * does not run it, the one that is running is the VM: then its home follows it, and nothing is stopped.
 */
export function staleAt(world: World, vm: Vm, host: Host): Stale {
  if (vm.hostId === host.id) return 'gone'
  const live = world.live.get(host.id)
  if (host.state !== 'connected' || !live || live.reportedAt === null) return 'later'
  const restart = taskOf(world, vm.id)
  const comes = restart?.kind === 'vm.start' && (restart as Task<'vm.start'>).params.targetId === host.id
  if (comes || restart?.kind === 'vm.restart' || restart?.kind === 'vm.migrate') return 'later'
  const seen = live.seen.get(vm.uuid)
  if (!seen) return 'gone'
  if (seen.moving !== null || seen.state === 'incoming') return 'later'
  if (seen.state === 'off' || seen.state === 'crashed') return 'undefine'
  const home = hostOf(world, vm.hostId)
  const homeLive = world.live.get(home.id)
  const atHome = homeLive?.seen.get(vm.uuid)
  const runsAtHome =
    atHome && (atHome.state === 'running' || atHome.state === 'paused') && atHome.moving === null
  return home.state === 'connected' && homeLive?.reportedAt !== null && runsAtHome ? 'stop' : 'later'
}

/** Has hosts that are back give up the VMs that were started elsewhere, or deleted, meanwhile. */
export function decideClean(world: World, ctx: Context): Decision {
  const changes = new Changes(world, { ...ctx, initiator: drover })
  const byHost = new Map<HostId, Task<'host.clean'>['params']['vms']>()
  const give = (hostId: HostId, vm: Ref<VmId>, stop: boolean) =>
    byHost.set(hostId, [...(byHost.get(hostId) ?? []), { vm, stop }])
  for (const vm of world.tables.vm.values()) {
    if (!vm.staleOn?.length || world.tables.cluster.get(vm.clusterId)?.ha.mode === 'handsOff') continue
    const gone: HostId[] = []
    for (const hostId of vm.staleOn) {
      const host = world.tables.host.get(hostId)
      const stale = host ? staleAt(world, vm, host) : 'gone'
      if (stale === 'gone') gone.push(hostId)
      if (stale === 'undefine' || stale === 'stop') give(hostId, refOf(vm), stale === 'stop')
    }
    for (const hostId of gone) notStale(changes, vm.id, hostId)
  }
  for (const host of world.tables.host.values()) {
    if (!host.leftovers || world.tables.cluster.get(host.clusterId)?.ha.mode === 'handsOff') continue
    for (const left of host.leftovers) {
      const at = leftAt(world, host, left)
      if (at === 'gone') notLeft(changes, host.id, left)
      if (at === 'defined') give(host.id, refOf(left), false)
    }
  }
  for (const [hostId, vms] of [...byHost].sort(([a], [b]) => numberOf(a) - numberOf(b))) {
    if (tasksOn(world, hostId).some(({ kind }) => kind === 'host.clean')) continue
    const host = hostOf(world, hostId)
    const plan = {
      what: 'host.clean',
      vm: null,
      verdict: { ok: true },
      steps: [{ name: 'remove the definition', host: refOf(host) }],
      target: null,
      method: null,
      expectedMs: null,
    } as const
    const started = startTask<'host.clean'>(world, changes.ctx, { ...plan, steps: [...plan.steps] }, () => ({
      kind: 'host.clean',
      params: { vms },
      vm: null,
      host: refOf(host),
      clusterId: host.clusterId,
      hostIds: [host.id],
      reason: null,
    }))
    if (started.ok) changes.add(started.change)
  }
  return accept(changes.events, null)
}

/** A host that has nothing of a VM any more. */
export function notStale(changes: Changes, vmId: Vm['id'], hostId: HostId): void {
  const vm = changes.get('vm', vmId)
  if (!vm?.staleOn?.includes(hostId)) return
  const row: Vm = { ...vm, staleOn: vm.staleOn.filter((id) => id !== hostId) }
  const body = { kind: 'vm.changed', vm: refOf(row), fields: ['old definitions'], outside: false } as const
  changes.say(body, [put('vm', row)])
}
