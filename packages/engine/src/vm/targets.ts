import {
  type DatastoreId,
  type Host,
  type HostId,
  isActive,
  type MigrationMethod,
  type MigrationOptions,
  type MigrationTargets,
  type Refusal,
  refOf,
  type TargetOption,
  type TaskId,
  type Vm,
  verdict,
  type World,
} from '@drover/model'
import { type Decision, refuse } from '../decision'
import { checkRules, type RuleOptions } from '../rule/check'
import { datastoreRef, hostOf, hostRef, hostsOf, mountOf, networkRef } from '../world/find'
import { freeMemoryBytes, freeSpaceBytes, usableMemoryBytes } from '../world/room'
import { checkStorage } from '../world/storage'
import { checkFree, checkListening, checkOnce, checkPower } from './check'
import { byFit, checkHost } from './place'

export const migrationMethods: readonly MigrationMethod[] = ['live', 'live-with-disks', 'cold']

/** A way to a host: where each disk would go, and every reason against. */
export interface Route {
  datastoreIds: DatastoreId[]
  refusals: Refusal[]
}

/**
 * Every host of the VM's cluster with every method, each with every reason against: what the dialog and `--dry-run` show.
 * Best first. For a VM that runs, cold is never `best`: nobody is shut down who did not ask for it.
 */
export function migrationTargets(
  world: World,
  vmId: string,
  options: Partial<MigrationOptions> = {},
): { ok: true; targets: MigrationTargets } | Extract<Decision, { ok: false }> {
  const vm = world.tables.vm.get(vmId)
  if (!vm) return refuse([{ code: 'not_found', noun: 'VM', id: vmId }])
  const about = checkVm(world, vm)
  const targets = hostsOf(world, { id: vm.clusterId })
    .map((host) => targetOption(world, vm, host, options, about))
    .sort((a, b) => rank(a) - rank(b) || byFit(a, b))
  return { ok: true, targets: { vm: refOf(vm), source: hostRef(world, vm.hostId), targets } }
}

function rank({ best }: TargetOption): number {
  return best === null ? migrationMethods.length : migrationMethods.indexOf(best)
}

function targetOption(
  world: World,
  vm: Vm,
  host: Host,
  options: Partial<MigrationOptions>,
  about: Refusal[],
): TargetOption {
  const methods = migrationMethods.map((method) => {
    const { refusals, datastoreIds } = checkRoute(world, vm, host, method, null)
    const all = [...about, ...refusals]
    const expectedMs = all.length === 0 ? expected(world, vm, method, datastoreIds, options) : null
    return { method, verdict: verdict(all), expectedMs }
  })
  const usable = methods.filter((one) => one.verdict.ok && (one.method !== 'cold' || !isActive(vm)))
  return {
    host: refOf(host),
    methods,
    best: usable[0]?.method ?? null,
    cpu: world.live.get(host.id)?.usage?.cpu ?? null,
    memoryBytes: usableMemoryBytes(host),
    memoryFreeBytes: freeMemoryBytes(world, host),
  }
}

/** Reasons against migrating this VM anywhere. `task`: the migration that asks again before it begins. */
export function checkVm(world: World, vm: Vm, task: TaskId | null = null): Refusal[] {
  const source = hostOf(world, vm.hostId)
  const refusals: Refusal[] = [
    ...checkFree(world, vm, task),
    ...checkListening(source),
    ...checkOnce(world, vm),
  ]
  if (vm.power === 'missing') refusals.push({ code: 'vm_missing', vm: refOf(vm), host: refOf(source) })
  for (const path of vm.strayDisks ?? [])
    refusals.push({ code: 'disk_outside', vm: refOf(vm), host: refOf(source), path })
  return refusals
}

/** Reasons against this way to this host. Where disks have to move, `wanted` says where to; null: wherever there is most room. */
export function checkRoute(
  world: World,
  vm: Vm,
  host: Host,
  method: MigrationMethod,
  wanted: readonly DatastoreId[] | null,
  task: TaskId | null = null,
  rules: RuleOptions = {},
): Route {
  const stay = vm.disks.map((disk) => disk.datastoreId)
  if (host.id === vm.hostId) {
    const refusals: Refusal[] = [{ code: 'already_there', vm: refOf(vm), host: refOf(host) }]
    return { datastoreIds: stay, refusals }
  }
  const refusals: Refusal[] = []
  if (host.clusterId !== vm.clusterId)
    refusals.push({ code: 'other_cluster', vm: refOf(vm), host: refOf(host) })
  // What is off holds no memory: it must only fit on the host at all.
  const free = isActive(vm) ? freeMemoryBytes(world, host, task) : usableMemoryBytes(host)
  refusals.push(...checkHost(world, host, refOf(vm), vm, free), ...checkHypervisor(world, vm, host, method))
  // What is off may be anywhere; rules are about where it runs.
  if (isActive(vm)) refusals.push(...checkRules(world, vm, host, rules))
  refusals.push(...checkPower(vm, method === 'cold' ? ['running', 'off', 'crashed'] : ['running', 'paused']))
  for (const id of new Set(vm.nics.map((nic) => nic.networkId)))
    if (!host.networks.includes(id))
      refusals.push({ code: 'network_absent', host: refOf(host), network: networkRef(world, id) })
  if (method !== 'cold' && vm.bound && isActive(vm))
    refusals.push({ code: 'vm_bound', vm: refOf(vm), host: refOf(host), why: vm.bound })
  const disks = checkDisks(world, vm, host, method, wanted, task)
  for (const id of new Set(disks.datastoreIds)) refusals.push(...checkStorage(world, host, id))
  return { datastoreIds: disks.datastoreIds, refusals: [...refusals, ...disks.refusals] }
}

function checkHypervisor(world: World, vm: Vm, host: Host, method: MigrationMethod): Refusal[] {
  const source = hostOf(world, vm.hostId)
  const [from, to] = [source.facts, host.facts]
  if (!from || !to) return []
  const name = (facts: typeof from) => `${facts.hypervisor.kind} (${facts.hypervisor.accelerator})`
  const sameKind = from.hypervisor.kind === to.hypervisor.kind
  const sameWay = from.hypervisor.accelerator === to.hypervisor.accelerator
  if (!sameKind || (method !== 'cold' && !sameWay))
    return [{ code: 'hypervisor_differs', host: refOf(host), source: name(from), target: name(to) }]
  // An emulated CPU is the same everywhere; a real one must have at hand what the guest has been using.
  if (method === 'cold' || from.hypervisor.accelerator === 'tcg') return []
  const missing = from.cpu.features.filter((feature) => !to.cpu.features.includes(feature))
  if (missing.length === 0 && from.cpu.vendor === to.cpu.vendor) return []
  const { model: sourceModel } = from.cpu
  const { model: targetModel } = to.cpu
  return [{ code: 'cpu_model', vm: refOf(vm), host: refOf(host), sourceModel, targetModel, missing }]
}

function checkDisks(
  world: World,
  vm: Vm,
  host: Host,
  method: MigrationMethod,
  wanted: readonly DatastoreId[] | null,
  task: TaskId | null,
): Route {
  const stay = vm.disks.map((disk) => disk.datastoreId)
  if (method === 'live') {
    const absent = new Set(stay.filter((id) => mountOf(host, id) === undefined))
    const refusals = [...absent].map(
      (id): Refusal => ({ code: 'datastore_absent', host: refOf(host), datastore: datastoreRef(world, id) }),
    )
    return { datastoreIds: stay, refusals }
  }
  if (wanted && wanted.length !== vm.disks.length) {
    const problem = `${vm.name} has ${vm.disks.length} disks and ${wanted.length} places were given`
    const remedy = 'Name one datastore for each disk.'
    return {
      datastoreIds: stay,
      refusals: [{ code: 'invalid', field: 'datastoreIds', problem, remedy }],
    }
  }
  const refusals: Refusal[] = []
  const taken = new Map<DatastoreId, number>()
  const room = (id: DatastoreId): number => {
    const datastore = world.tables.datastore.get(id)
    return datastore ? freeSpaceBytes(world, datastore, task) - (taken.get(id) ?? 0) : -1
  }
  const datastoreIds = vm.disks.map((disk, i): DatastoreId => {
    const chosen = wanted?.[i] ?? (mountOf(host, disk.datastoreId) ? disk.datastoreId : roomiest(host, room))
    const neededBytes = disk.sizeBytes
    if (chosen === null) {
      refusals.push({ code: 'no_datastore_for_disks', vm: refOf(vm), host: refOf(host), neededBytes })
      return disk.datastoreId
    }
    if (mountOf(host, chosen) === undefined)
      refusals.push({ code: 'datastore_absent', host: refOf(host), datastore: datastoreRef(world, chosen) })
    if (chosen === disk.datastoreId) return chosen
    const freeBytes = room(chosen)
    if (neededBytes > freeBytes && wanted)
      refusals.push({
        code: 'datastore_short',
        datastore: datastoreRef(world, chosen),
        neededBytes,
        freeBytes,
      })
    else if (neededBytes > freeBytes)
      refusals.push({ code: 'no_datastore_for_disks', vm: refOf(vm), host: refOf(host), neededBytes })
    taken.set(chosen, (taken.get(chosen) ?? 0) + neededBytes)
    return chosen
  })
  if (method === 'live-with-disks' && datastoreIds.every((id, i) => id === stay[i])) {
    refusals.push({ code: 'disks_shared', vm: refOf(vm), host: refOf(host) })
  }
  return { datastoreIds, refusals }
}

function roomiest(host: Host, room: (id: DatastoreId) => number): DatastoreId | null {
  let best: DatastoreId | null = null
  for (const { datastoreId } of host.datastores)
    if (best === null || room(datastoreId) > room(best)) best = datastoreId
  return best
}

/** Rates to expect of a network and of disks when nothing is known of them. */
const expectedMemoryBytesPerSecond = 400_000_000
const expectedDiskBytesPerSecond = 150_000_000

/** A guess at how long it takes, for the dialog; the true figure comes with the progress. */
export function expected(
  world: World,
  vm: Vm,
  method: MigrationMethod,
  datastoreIds: readonly DatastoreId[],
  { bandwidthBytesPerSecond = null }: Partial<MigrationOptions>,
): number {
  const limit = bandwidthBytesPerSecond ?? Number.POSITIVE_INFINITY
  const used = world.live.get(vm.hostId as HostId)?.vms.get(vm.uuid)?.memoryUsedBytes ?? vm.memoryBytes
  const disks = vm.disks.filter((disk, i) => datastoreIds[i] !== disk.datastoreId)
  const diskBytes = disks.reduce((sum, disk) => sum + disk.sizeBytes, 0)
  const seconds =
    (method === 'cold' ? 0 : used / Math.min(limit, expectedMemoryBytesPerSecond)) +
    diskBytes / Math.min(limit, expectedDiskBytesPerSecond) +
    (method === 'cold' && isActive(vm) ? 20 : 1)
  return Math.round(seconds * 1000)
}
