import type { EvacuationMove, Host, HostId, MigrationMethod, VmId, World } from '@drover/model'
import { hostRef, hostsOf, vmsOn } from '../../world/find'

/** A move as it was approved. */
export interface Approved {
  vmId: VmId
  targetId: HostId | null
  method: MigrationMethod | 'stop' | 'leave'
}

/**
 * What a plan depends on, and what it says, as text: the host's VMs and their power, every host's state and mode, the
 * rules' versions, and the moves themselves. Whoever approves a plan hands it back, and exactly its moves are made.
 */
export function fingerprintOf(world: World, host: Host, moves: readonly EvacuationMove[]): string {
  const said = moves.map(({ vm, target, method }) => `move ${vm.id} ${target?.id ?? '-'} ${method}`)
  return [...situation(world, host), ...said].join('\n')
}

/** What is another way now than when `fingerprint` was taken, in words; empty: it still fits. */
export function changedSince(world: World, host: Host, fingerprint: string): string[] {
  const then = new Map(fingerprint.split('\n').map(entry))
  const now = new Map(situation(world, host).map(entry))
  const changed: string[] = []
  for (const [key, value] of now)
    if (then.get(key) !== value) changed.push(say(world, host, key, value, !then.has(key)))
  for (const key of then.keys())
    if (!key.startsWith('move ') && !now.has(key)) changed.push(say(world, host, key, null, false))
  return changed
}

/** The moves that were approved with a fingerprint. */
export function approvedMoves(fingerprint: string): Map<VmId, Approved> {
  const moves = new Map<VmId, Approved>()
  for (const line of fingerprint.split('\n')) {
    const [what, vmId, target, method] = line.split(' ')
    if (what !== 'move' || !vmId || !target || !method) continue
    const targetId = target === '-' ? null : (target as HostId)
    moves.set(vmId as VmId, { vmId: vmId as VmId, targetId, method: method as Approved['method'] })
  }
  return moves
}

function situation(world: World, host: Host): string[] {
  const vms = vmsOn(world, host.id).map((vm) => `vm ${vm.id} ${vm.power}`)
  const hosts = hostsOf(world, { id: host.clusterId }).map(
    ({ id, state, mode }) => `host ${id} ${state} ${mode}`,
  )
  const rules = [...(world.index.rulesByCluster.get(host.clusterId) ?? [])].map(
    (id) => `rule ${id} ${world.tables.rule.get(id)!.version}`,
  )
  return [...vms.sort(), ...hosts, ...rules.sort()]
}

/** `vm vm-17 running` is that `vm vm-17` is `running`; a move is a key of its own. */
function entry(line: string): [key: string, value: string] {
  const [what, id, ...value] = line.split(' ')
  return what === 'move' ? [line, ''] : [`${what} ${id}`, value.join(' ')]
}

function say(world: World, host: Host, key: string, value: string | null, isNew: boolean): string {
  const [what, id] = key.split(' ') as [string, string]
  if (what === 'vm') {
    const name = world.tables.vm.get(id)?.name ?? id
    if (value === null) return `${name} is no longer there`
    return isNew ? `${name} came to ${host.name}` : `${name} is ${value} now`
  }
  if (what === 'host') {
    const { name } = hostRef(world, id as HostId)
    return value === null
      ? `${name} was removed`
      : `${name} is ${value.replace(' ', ', ').replace(', normal', ' and in service')}`
  }
  const name = world.tables.rule.get(id)?.name ?? id
  return value === null ? `the rule "${name}" was removed` : `the rule "${name}" was changed`
}
