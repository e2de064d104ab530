import {
  type Cluster,
  type DatastoreId,
  type Host,
  type HostId,
  isActive,
  type Refusal,
  refOf,
  sayCount,
  sayDuration,
  sayFew,
  sayList,
  type Vm,
  type WhatIf,
  type WhatIfVm,
  type World,
} from '@drover/model'
import { accept, type Decision, refuse } from '../decision'
import { datastoreRef, hostRef, hostsOf, numberOf, vmsOn } from '../world/find'
import { freeMemoryBytes, usableMemoryBytes } from '../world/room'
import { choosePlaces } from './choosePlaces'
import { type Detection, detectionOf } from './whatIf/detection'
import { startsOf } from './whatIf/starts'

export interface Loss {
  hostIds?: readonly string[]
  datastoreIds?: readonly string[]
}

/**
 * What would come of losing these hosts and datastores now, all at once: the same placement, tiers and limits that a real
 * failure meets, on a copy of the world. Times are estimates from the cluster's settings, the last device tests and what
 * restarts took before.
 */
export function whatIf(
  world: World,
  { hostIds = [], datastoreIds = [] }: Loss,
  now: number,
): Decision<WhatIf> {
  const hosts = hostIds.flatMap((id) => world.tables.host.get(id) ?? [])
  const datastores = datastoreIds.flatMap((id) => world.tables.datastore.get(id) ?? [])
  const missing: Refusal[] = [
    ...hostIds
      .filter((id) => !world.tables.host.has(id))
      .map((id): Refusal => ({ code: 'not_found', noun: 'host', id })),
    ...datastoreIds
      .filter((id) => !world.tables.datastore.has(id))
      .map((id): Refusal => ({ code: 'not_found', noun: 'datastore', id })),
  ]
  if (hosts.length + datastores.length === 0 && missing.length === 0)
    missing.push({
      code: 'invalid',
      field: 'hostIds',
      problem: 'nothing is lost',
      remedy: 'Name a host or a datastore.',
    })
  if (missing.length > 0) return refuse(missing)
  const lost = {
    hosts: new Set(hosts.map(({ id }) => id)),
    datastores: new Set(datastores.map(({ id }) => id)),
  }
  const clusters = clustersOf(world, lost)
  const parts = clusters.map((cluster) => inCluster(world, cluster, lost, now))
  const vms = parts.flatMap((part) => part.vms)
  const running = vms.flatMap(({ afterMs }) => (afterMs === null ? [] : [afterMs]))
  return accept([], {
    lost: { hosts: hosts.map((host) => refOf(host)), datastores: datastores.map((one) => refOf(one)) },
    vms,
    stages: parts.flatMap((part) => part.stages),
    restarted: running.length,
    notRestarted: vms.filter(({ afterMs, note }) => afterMs === null && note === null).length,
    allRunningMs: running.length > 0 ? Math.max(...running) : null,
    hosts: parts.flatMap((part) => part.hosts),
    warnings: parts.flatMap((part) => part.warnings),
  })
}

interface Lost {
  hosts: ReadonlySet<HostId>
  datastores: ReadonlySet<DatastoreId>
}

function clustersOf(world: World, lost: Lost): Cluster[] {
  const ids = new Set<string>()
  for (const id of lost.hosts) ids.add(world.tables.host.get(id)!.clusterId)
  for (const host of world.tables.host.values())
    if (host.datastores.some(({ datastoreId }) => lost.datastores.has(datastoreId))) ids.add(host.clusterId)
  return [...ids].flatMap((id) => world.tables.cluster.get(id) ?? [])
}

function inCluster(
  world: World,
  cluster: Cluster,
  lost: Lost,
  now: number,
): Pick<WhatIf, 'vms' | 'stages' | 'hosts' | 'warnings'> {
  const hosts = hostsOf(world, cluster).sort((a, b) => numberOf(a.id) - numberOf(b.id))
  const dead = hosts.filter(({ id }) => lost.hosts.has(id))
  const died = hosts.flatMap((host) => vmsOn(world, host.id).filter((vm) => dies(vm, lost))).sort(byTier)
  const detection = detectionOf(world, cluster, dead)
  const copy = worldWithout(world, dead, died, now)
  const wanted = died.filter((vm) => whyLeft(cluster, vm) === null && !isDiskLost(vm, lost))
  const places = choosePlaces(copy, wanted, { purpose: 'restart' })
  const starts = startsOf(
    world,
    cluster,
    wanted.flatMap((vm) => {
      const place = places.get(vm.id)
      const provenMs = lost.hosts.has(vm.hostId) ? detection.provenMs.get(vm.hostId)! : 0
      return place && 'hostId' in place && provenMs !== null
        ? [{ vm, targetId: place.hostId, fromMs: provenMs }]
        : []
    }),
  )
  const vms = died.map((vm): WhatIfVm => {
    const base = { vm: refOf(vm), from: hostRef(world, vm.hostId), tier: vm.ha.tier }
    const none = { ...base, target: null, afterMs: null, why: [], note: null }
    const note = whyLeft(cluster, vm)
    if (note) return { ...none, note }
    if (isDiskLost(vm, lost)) return { ...none, why: diskLost(world, vm, lost) }
    const place = places.get(vm.id)!
    if ('refusals' in place) return { ...none, why: place.refusals }
    const target = hostRef(world, place.hostId)
    const host = world.tables.host.get(vm.hostId)!
    // It has a place, and would wait for somebody to say that its host is off.
    const unproven: Refusal[] =
      lost.hosts.has(vm.hostId) && detection.provenMs.get(vm.hostId) === null
        ? [{ code: 'host_not_proven', host: refOf(host), state: 'silent' }]
        : []
    return { ...none, target, afterMs: starts.get(vm.id) ?? null, why: unproven }
  })
  return {
    vms,
    stages: [...detection.stages, ...stagesOf(cluster, vms)],
    hosts: hosts.filter(({ id }) => !lost.hosts.has(id)).map((host) => loadOf(world, host, died, vms)),
    warnings: warningsOf(world, cluster, detection, dead, vms, died, lost),
  }
}

function dies(vm: Vm, lost: Lost): boolean {
  return isActive(vm) && (lost.hosts.has(vm.hostId) || isDiskLost(vm, lost))
}

function isDiskLost(vm: Vm, lost: Lost): boolean {
  return vm.disks.some(({ datastoreId }) => lost.datastores.has(datastoreId))
}

function diskLost(world: World, vm: Vm, lost: Lost): Refusal[] {
  const gone = new Set(vm.disks.map(({ datastoreId }) => datastoreId).filter((id) => lost.datastores.has(id)))
  return [...gone].map((id) => ({
    code: 'datastore_absent',
    host: hostRef(world, vm.hostId),
    datastore: datastoreRef(world, id),
  }))
}

/** Why a VM that dies would be left alone on purpose; null: it would not. */
function whyLeft({ ha, name }: Cluster, vm: Vm): string | null {
  if (vm.ha.restart === 'none') return 'It is left alone: its restart is set to none.'
  if (vm.desired !== 'running') return 'It is left off: nobody wants it to run.'
  if (ha.mode !== 'armed') return `It is left alone: high availability of ${name} is disarmed.`
  return null
}

/** The world after the loss, once it is proven. Only what differs is copied. */
function worldWithout(world: World, dead: readonly Host[], died: readonly Vm[], now: number): World {
  const host = new Map(world.tables.host)
  const vm = new Map(world.tables.vm)
  for (const row of dead) host.set(row.id, { ...row, state: 'fenced', stateSince: now })
  for (const row of died) {
    const recovery = {
      state: 'waiting',
      cause: 'host_lost',
      since: now,
      incidentId: null,
      from: refOf(world.tables.host.get(row.hostId)!),
      tried: [],
      notBefore: null,
      why: [],
    } as const
    vm.set(row.id, { ...row, power: 'off', recovery: { ...recovery, tried: [], why: [] } })
  }
  return { ...world, tables: { ...world.tables, host, vm } }
}

function stagesOf(cluster: Cluster, vms: readonly WhatIfVm[]): WhatIf['stages'] {
  const times = vms.flatMap(({ afterMs }) => (afterMs === null ? [] : [afterMs]))
  if (times.length === 0) return []
  const tiers = new Set(vms.flatMap(({ tier, afterMs }) => (afterMs === null ? [] : [tier]))).size
  const order = tiers > 1 ? `, in ${sayCount(tiers, 'tier')}` : ''
  const first = Math.min(...times)
  const last = Math.max(...times)
  const limit = sayCount(cluster.ha.startsPerHost, 'VM')
  return [
    { name: 'first VM running', afterMs: first, text: 'The first VM is expected to run again.' },
    {
      name: 'all VMs running',
      afterMs: last,
      text: `${sayCount(times.length, 'VM')} restarted${order}, at most ${limit} at once on each host.`,
    },
  ]
}

function loadOf(
  world: World,
  host: Host,
  died: readonly Vm[],
  vms: readonly WhatIfVm[],
): WhatIf['hosts'][number] {
  const total = usableMemoryBytes(host)
  const used = total - freeMemoryBytes(world, host)
  let after = used
  for (const [i, vm] of died.entries()) {
    if (vm.hostId === host.id) after -= vm.memoryBytes
    if (vms[i]!.target?.id === host.id) after += vm.memoryBytes
  }
  const share = (bytes: number) => (total > 0 ? bytes / total : 0)
  return { host: refOf(host), memoryBefore: share(used), memoryAfter: share(after) }
}

function warningsOf(
  world: World,
  cluster: Cluster,
  detection: Detection,
  dead: readonly Host[],
  vms: readonly WhatIfVm[],
  died: readonly Vm[],
  lost: Lost,
): string[] {
  const warnings = [...detection.warnings]
  const stranded = vms.filter(({ target, note }) => target === null && note === null).map(({ vm }) => vm.name)
  if (stranded.length > 0)
    warnings.push(`${sayCount(stranded.length, 'VM')} would not be restarted: ${sayFew(stranded, 5)}.`)
  if (cluster.ha.mode !== 'armed')
    warnings.push(`High availability of ${cluster.name} is disarmed: nothing would be done. Arm it.`)
  const gone = died.filter((vm) => isDiskLost(vm, lost))
  if (gone.length > 0) {
    const names = [...lost.datastores].map((id) => datastoreRef(world, id).name)
    warnings.push(
      `${sayCount(gone.length, 'VM')} would lose disks on ${sayList(names)}; no restart helps before it is back.`,
    )
  }
  if (dead.length > 0 && detection.slowestMs !== null && detection.slowestMs > 60_000)
    warnings.push(
      `It takes ${sayDuration(detection.slowestMs)} until it is certain that all of these are off.`,
    )
  return warnings
}

function byTier(a: Vm, b: Vm): number {
  return a.ha.tier - b.ha.tier || numberOf(a.id) - numberOf(b.id)
}
