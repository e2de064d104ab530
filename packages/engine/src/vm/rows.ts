import type {
  ChangeEvent,
  Datastore,
  DatastoreId,
  Host,
  Initiator,
  Network,
  NetworkId,
  TaskId,
  Vm,
  VmDefinition,
  VmDisk,
  VmNic,
  VmPower,
  World,
} from '@drover/model'
import { enter, refOf, vmPowers } from '@drover/model'
import type { Definition, Domain } from '@drover/protocol'
import { put } from '../world/rows'

/** Why a row of a VM changes. */
export interface Cause {
  initiator: Initiator
  taskId: TaskId | null
  /** Nothing of ours explains it. */
  outside: boolean
}

export const fromOutside: Cause = { initiator: { kind: 'outside' }, taskId: null, outside: true }

/** The event that a VM's power is another than we had; none when it is the same. */
export function powerChanged(
  vm: Vm,
  host: Host,
  to: VmPower,
  why: string | null,
  cause: Cause,
  now: number,
): ChangeEvent[] {
  if (vm.power === to) return []
  const row: Vm = {
    ...vm,
    power: enter('VM', vmPowers, vm.power, to),
    powerSince: now,
    powerReason: why,
  }
  const { initiator, taskId, outside } = cause
  const body =
    to === 'missing' && why === null
      ? ({ kind: 'vm.vanished', vm: refOf(vm), host: refOf(host) } as const)
      : ({ kind: 'vm.power', vm: refOf(vm), host: refOf(host), from: vm.power, to, outside, why } as const)
  return [{ body, initiator, taskId, rows: [put('vm', row)] }]
}

/** The event that control has a newer definition; none when it is the one we keep. */
export function definitionKept(
  vm: Pick<Vm, 'id' | 'name'>,
  kept: VmDefinition | undefined,
  definition: Definition,
  cause: Cause,
): ChangeEvent[] {
  if (kept?.sha256 === definition.sha256) return []
  const version = (kept?.version ?? 0) + 1
  const { format, text, sha256 } = definition
  const row: VmDefinition = { id: vm.id, version, format, text, sha256 }
  const body = { kind: 'vm.defined', vm: refOf(vm), version } as const
  return [{ body, initiator: cause.initiator, taskId: cause.taskId, rows: [put('definition', row)] }]
}

/** What a hypervisor says of a domain, in terms of rows: disks by datastore, networks by id. */
export function hardwareOf(
  world: World,
  host: Host,
  domain: Domain,
  known?: Vm,
): Pick<Vm, 'name' | 'vcpus' | 'memoryBytes' | 'disks' | 'nics' | 'bound'> & { strayDisks: string[] } {
  const disks: VmDisk[] = []
  const strayDisks: string[] = []
  for (const { path, format, sizeBytes } of domain.disks) {
    const found = datastoreAt(host, path)
    if (!found) {
      strayDisks.push(path)
      continue
    }
    // A hypervisor that cannot say a disk's size now says 0; it is still as large as it was.
    const before = known?.disks.find((disk) => disk.path === found.path)?.sizeBytes ?? 0
    disks.push({ ...found, format, sizeBytes: sizeBytes || before })
  }
  const nics = domain.nics.flatMap(({ network, mac }): VmNic[] => {
    const networkId = networkNamed(world, host, network)
    return networkId ? [{ networkId, mac }] : []
  })
  const { name, vcpus, memoryBytes } = domain
  const bound = domain.bound === undefined ? {} : { bound: domain.bound }
  return { name, vcpus, memoryBytes, disks, nics, strayDisks, ...bound }
}

/** The datastore that a path of a host lies on: the longest mount wins. */
function datastoreAt(host: Host, path: string): { datastoreId: DatastoreId; path: string } | null {
  let best: Host['datastores'][number] | null = null
  for (const mount of host.datastores) {
    const root = `${mount.path.replace(/\/+$/, '')}/`
    if (path.startsWith(root) && mount.path.length > (best?.path.length ?? -1)) best = mount
  }
  if (!best) return null
  return { datastoreId: best.datastoreId, path: path.slice(best.path.replace(/\/+$/, '').length + 1) }
}

function networkNamed(world: World, host: Host, name: string): NetworkId | null {
  return host.networks.find((id) => world.tables.network.get(id)?.name === name) ?? null
}

/** A datastore by its uuid; few enough to look through. */
export function datastoreByUuid(world: World, uuid: string): Datastore | undefined {
  for (const datastore of world.tables.datastore.values()) if (datastore.uuid === uuid) return datastore
  return undefined
}

export function networkByName(
  world: World,
  datacenterId: Network['datacenterId'],
  name: string,
): Network | undefined {
  for (const network of world.tables.network.values())
    if (network.datacenterId === datacenterId && network.name === name) return network
  return undefined
}
