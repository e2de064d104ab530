import {
  type ChangeEvent,
  type Host,
  type HostId,
  type Leftover,
  type RowWrite,
  refOf,
  type Vm,
  type World,
} from '@drover/model'
import type { Changes } from '../world/changes'
import { afterEvents, put } from '../world/rows'

/** What a host has of a deleted VM, as far as it says. `later`: it cannot be heard, or is busy with it. */
export type Left = 'gone' | 'defined' | 'runs' | 'later'

/** What is left of a deleted VM on a host of which that was noted. */
export function leftAt(world: World, host: Pick<Host, 'id' | 'state'>, { uuid }: Leftover): Left {
  const live = world.live.get(host.id)
  if (host.state !== 'connected' || !live || live.reportedAt === null) return 'later'
  const seen = live.seen.get(uuid)
  if (!seen) return 'gone'
  if (seen.moving !== null || seen.state === 'incoming') return 'later'
  return seen.state === 'off' || seen.state === 'crashed' ? 'defined' : 'runs'
}

/**
 * Hosts that may have a definition of a VM when its home has none any more: those that were away when it was started
 * elsewhere, and those that say that they have one. A deletion notes it on them, so that the VM does not come back with them.
 */
export function mayKeep(world: World, vm: Vm): { hosts: Host[]; rows: RowWrite[] } {
  const left: Leftover = { ...refOf(vm), uuid: vm.uuid }
  const hosts = [...world.tables.host.values()].filter(({ id, state }) => {
    if (id === vm.hostId) return false
    const known = vm.staleOn?.includes(id) || world.live.get(id)?.seen.has(vm.uuid)
    return known && leftAt(world, { id, state }, left) !== 'gone'
  })
  const rows = hosts.map((host) => put('host', { ...host, leftovers: [...(host.leftovers ?? []), left] }))
  return { hosts, rows }
}

/** A host that has nothing of a deleted VM any more. */
export function notLeft(changes: Changes, hostId: HostId, { id, name, uuid }: Leftover): void {
  const host = changes.get('host', hostId)
  if (!host?.leftovers?.some((one) => one.uuid === uuid)) return
  changes.say({ kind: 'vm.cleared', vm: { id, name }, host: refOf(host) }, [put('host', without(host, uuid))])
}

/**
 * A deleted VM that somebody has defined again, on another host than those that may still have the old definition: there
 * it is stale now. `before`: what was decided so far.
 */
export function defineAgain(
  world: World,
  vm: Vm,
  before: readonly ChangeEvent[],
): { staleOn: HostId[]; rows: RowWrite[] } {
  const hosts = [...world.tables.host.values()]
    .map((host) => afterEvents(before, 'host', host.id, host)!)
    .filter(({ leftovers }) => leftovers?.some(({ uuid }) => uuid === vm.uuid))
  return {
    staleOn: hosts.map(({ id }) => id),
    rows: hosts.map((host) => put('host', without(host, vm.uuid))),
  }
}

function without({ leftovers, ...host }: Host, uuid: string): Host {
  const others = leftovers?.filter((one) => one.uuid !== uuid) ?? []
  return others.length > 0 ? { ...host, leftovers: others } : host
}
