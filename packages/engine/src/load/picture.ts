import {
  type Cluster,
  type Demand,
  type Host,
  type HostId,
  type HostUsage,
  isActive,
  type LoadHost,
  type LoadPicture,
  type LoadRules,
  type LoadVm,
  sayList,
  type Vm,
  type VmId,
  type VmUsage,
  type World,
  wakeAgainAt,
} from '@drover/model'
import { levelsOf } from '../fence/devices'
import { memory, modelOf, type Picture } from '../plan/modelOf'
import { isAsleep, powerModelOf } from '../power/watts'
import { ghostsOn, uncleanOn } from '../recover/unclean'
import { taskOf, tasksOn } from '../world/find'
import { type Eligible, eligibility } from './eligible'
import { type Moved, movedOf } from './memory'

/** A host that has been connected for so long has had its chance to say what it uses. */
const settledMs = 60_000

export interface PictureOptions {
  /** Leaves out which host could run which VM: where only loads are asked about. */
  loadsOnly?: boolean
  /**
   * What becomes of hosts that take VMs and have not said what they use, where rules go by that. `wait`, the default: there is
   * no picture. `close`: those that have long been there take no VMs. `idle`: it does not matter.
   */
  unheard?: 'wait' | 'close' | 'idle'
}

/** A cluster's load as of now, as plain data, for these rules. Null where they go by what hosts use and that is not known yet. */
export function loadPicture(
  world: World,
  cluster: Cluster,
  rules: LoadRules,
  now: number,
  options: PictureOptions = {},
): LoadPicture | null {
  const picture = modelOf(world, cluster.id, { purpose: 'migrate', vms: [], everything: true, bare: true })
  const { hosts } = picture
  const { unheard = 'wait' } = options
  const mute = new Set<HostId>()
  if (unheard !== 'idle' && goByUse(rules))
    for (const [i, host] of hosts.entries()) {
      if (!picture.model.hosts[i]!.accepts || heard(world, host.id)) continue
      if (unheard === 'wait' || !isMute(world, host, now)) return null
      mute.add(host.id)
    }
  const moved = movedOf(world, cluster)
  const eligible = options.loadsOnly ? () => null : eligibility(world, hosts)
  const vms = picture.vms.map((vm, i) => vmOf(world, picture, vm, i, moved, eligible))
  const waiting = options.loadsOnly ? [] : waitingIn(world, cluster, picture, eligible)
  const missing = missingFrom(world, cluster)
  return {
    at: now,
    clusterId: cluster.id,
    clusterName: cluster.name,
    hosts: hosts.map((host, i) => {
      const row = hostOf(world, cluster, picture, i)
      return mute.has(host.id) ? { ...row, accepts: false, closed: 'does not say what it uses' } : row
    }),
    vms,
    ...(waiting.length > 0 ? { waiting } : {}),
    ...(missing.length > 0 ? { missing } : {}),
  }
}

/** Thresholds and power go by what hosts use, whatever is balanced. */
function goByUse({ balance, power, thresholds }: LoadRules): boolean {
  return balance.by === 'actual-load' || power.mode !== 'off' || thresholds.some(({ enabled }) => enabled)
}

function missingFrom(world: World, { id }: Cluster): string[] {
  return [...world.index.openIncidents].flatMap((one) => {
    const { clusterId, host } = world.tables.incident.get(one)!
    return clusterId === id && host ? [host.name] : []
  })
}

function heard(world: World, hostId: HostId): boolean {
  const live = world.live.get(hostId)
  return !!live?.usage && live.reportedAt !== null
}

/** Its agent is there and does not know what it uses: that may last. */
function isMute(world: World, { id, stateSince }: Host, now: number): boolean {
  return world.live.get(id)?.reportedAt != null && now - stateSince >= settledMs
}

function hostOf(world: World, cluster: Cluster, { model, hosts }: Picture, i: number): LoadHost {
  const host = hosts[i]!
  const { capacity, used, accepts } = model.hosts[i]!
  const usage = world.live.get(host.id)?.usage
  const cores = host.facts?.cpu.cores ?? 0
  const standby = standbyOf(world, host)
  const again = host.standby ? wakeAgainAt(host.standby) : 0
  return {
    id: host.id,
    name: host.name,
    cores,
    memoryBytes: host.facts?.memoryBytes ?? 0,
    roomBytes: capacity[memory]!,
    promisedBytes: used[memory]!,
    promisedCpus: used[1]!,
    used: usedOf(usage ?? null, cores),
    // One that sleeps would take VMs once it is awake; whoever asks looks at `standby`.
    accepts: standby === 'awake' ? accepts : host.facts !== null && host.quarantinedUntil === null,
    closed: accepts ? null : closedOf(world, host),
    standby,
    standbySince: standby === 'awake' ? host.stateSince : (host.standby?.at ?? host.stateSince),
    byHand: host.standby?.byHand ?? false,
    // What has no device any more cannot be woken, whatever it once did.
    wakeProven: host.wake !== undefined && levelsOf(world, host.id).length > 0,
    ...neededFor(world, host),
    power: powerModelOf(host, cluster),
    ...(again > 0 ? { wakeAfter: again } : {}),
  }
}

/** A host that runs the fence devices of others: asleep, neither could they be fenced nor woken. */
function neededFor(world: World, { id }: Host): Pick<LoadHost, 'needed'> {
  const names = [...world.tables.fence.values()].flatMap(({ enabled, viaHostId, hostId }) => {
    const other = enabled && viaHostId === id && hostId !== id ? world.tables.host.get(hostId) : undefined
    return other ? [other.name] : []
  })
  return names.length > 0 ? { needed: `runs a fence device of ${sayList([...new Set(names)].sort())}` } : {}
}

function standbyOf(world: World, host: Host): LoadHost['standby'] {
  const tasks = tasksOn(world, host.id).map(({ kind }) => kind as string)
  if (tasks.includes('host.wake')) return 'waking'
  if (tasks.includes('host.sleep')) return 'falling asleep'
  if (host.mode !== 'standby') return 'awake'
  return isAsleep(host) ? 'asleep' : 'waking'
}

function usedOf(usage: HostUsage | null, cores: number): LoadHost['used'] {
  if (!usage) return { cpu: 0, memory: 0, disk: 0, network: 0, pressure: 0 }
  return {
    cpu: usage.cpu * cores,
    memory: usage.memoryUsedBytes,
    disk: usage.diskReadBytesPerSecond + usage.diskWriteBytesPerSecond,
    network: usage.networkInBytesPerSecond + usage.networkOutBytesPerSecond,
    pressure: usage.pressure ?? 0,
  }
}

/** Why a host takes no VMs, as the end of a sentence that begins with its name. */
function closedOf(world: World, host: Host): string {
  if (!host.facts) return 'has never been heard of'
  if (host.mode === 'standby') return 'sleeps to save power'
  if (host.state !== 'connected') return `is ${host.state}`
  if (host.mode === 'maintenance') return 'is in maintenance'
  if (host.mode === 'entering') return host.standby ? 'is about to sleep' : 'is being emptied for maintenance'
  if (host.quarantinedUntil !== null) return 'is in quarantine'
  const unclean = [...uncleanOn(world, host), ...ghostsOn(world, host)]
  if (unclean.length > 0) return `still has what is left there of ${sayList(unclean.map(({ name }) => name))}`
  return 'takes no VMs now'
}

function vmOf(
  world: World,
  { model }: Picture,
  vm: Vm,
  i: number,
  moved: ReadonlyMap<VmId, Moved>,
  eligible: Eligible,
): LoadVm {
  const { at, towards = -1 } = model.vms[i]!
  const usage = world.live.get(vm.hostId)?.vms.get(vm.uuid)
  const hosts = eligible(vm, 'migrate')
  const starts = eligible(vm, 'restart')
  const lately = moved.get(vm.id)
  // Nothing can be kept free for one that no other host could start.
  const stuck = starts?.every((host) => host === at) ?? false
  const now = usage && {
    cpu: milli(usage.cpu),
    memory: usage.memoryUsedBytes,
    disk: usage.diskReadBytesPerSecond + usage.diskWriteBytesPerSecond,
    network: usage.networkInBytesPerSecond + usage.networkOutBytesPerSecond,
    ...(usage.pressure ? { pressure: milli(usage.pressure) } : {}),
  }
  return {
    id: vm.id,
    name: vm.name,
    vcpus: vm.vcpus,
    memoryBytes: vm.memoryBytes,
    at,
    towards,
    demand: demandOf(world, vm, usage),
    ...(now ? { now } : {}),
    tags: vm.tags,
    fixed: whyFixed(world, vm, usage),
    automation: vm.automation ?? 'full',
    protected: model.vms[i]!.protected && !stuck,
    tier: vm.ha.tier,
    movedAt: lately?.at ?? null,
    ...(lately?.gathered ? { gathered: true as const } : {}),
    eligible: hosts,
    ...(starts?.join() === hosts?.join() ? {} : { restartable: starts }),
  }
}

/** Millicores and whole bytes: what is finer tells nothing, and is kept with every decision. */
function rounded({ aheadCpu, ...demand }: Demand): Demand {
  return {
    ...demand,
    cpu: milli(demand.cpu),
    cpuHigh: milli(demand.cpuHigh),
    memory: Math.round(demand.memory),
    disk: Math.round(demand.disk),
    network: Math.round(demand.network),
    pressure: milli(demand.pressure),
    ...(aheadCpu ? { aheadCpu: aheadCpu.map(milli) } : {}),
  }
}

function milli(value: number): number {
  return Math.round(value * 1_000) / 1_000
}

/** What a VM is expected to need: by its past where that is kept, else what it uses now. */
export function demandOf(world: World, vm: Vm, usage: VmUsage | undefined): Demand {
  const known = world.load?.get(vm.uuid)
  if (known) return rounded(known)
  return {
    cpu: usage?.cpu ?? 0,
    cpuHigh: usage?.cpu ?? 0,
    memory: usage?.memoryUsedBytes ?? 0,
    disk: usage ? usage.diskReadBytesPerSecond + usage.diskWriteBytesPerSecond : 0,
    network: usage ? usage.networkInBytesPerSecond + usage.networkOutBytesPerSecond : 0,
    pressure: usage?.pressure ?? 0,
    basis: usage ? 'what it uses now' : 'nothing: it has not been heard of',
  }
}

/** Why rules leave a VM where it is, in words; null: they may move it. */
function whyFixed(world: World, vm: Vm, usage: VmUsage | undefined): string | null {
  if (vm.power !== 'running') return 'it does not run'
  if (vm.recovery) return 'it is being recovered'
  if (vm.ha.restart === 'none') return 'nobody looks after it: its restart after failures is switched off'
  // Disks stay where they are: copying them for the sake of load costs more than it brings.
  if (vm.bound) return `it cannot be moved live: ${vm.bound}`
  if ((vm.strayDisks?.length ?? 0) > 0) return 'it has disks outside of every datastore'
  if ((vm.alsoOn?.length ?? 0) > 0) return 'it runs on more than one host'
  if (taskOf(world, vm.id)) return 'something else is being done with it'
  return usage ? null : 'it is not known what it uses'
}

/** VMs that should run and have no place. */
function waitingIn(
  world: World,
  cluster: Cluster,
  { vmIndex }: Picture,
  eligible: Eligible,
): NonNullable<LoadPicture['waiting']> {
  const found: NonNullable<LoadPicture['waiting']> = []
  for (const vm of world.tables.vm.values()) {
    if (vm.clusterId !== cluster.id || !vm.recovery || vm.recovery.state === 'error') continue
    if (vmIndex.has(vm.id) || isActive(vm)) continue
    const { name, vcpus, memoryBytes } = vm
    found.push({ name, vcpus, memoryBytes, eligible: eligible(vm, 'restart') })
  }
  return found
}
