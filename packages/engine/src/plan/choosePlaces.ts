import {
  type HostId,
  type Refusal,
  type RuleId,
  refOf,
  type TaskId,
  type Vm,
  type VmId,
  type World,
} from '@drover/model'
import { type Placed, place, type Reason } from '@drover/planner'
import { balanceOf } from '../balance/settings'
import { sayRule } from '../rule/say'
import { checkOpen } from '../vm/place'
import { checkEligible, type Purpose } from './eligible'
import { modelOf, type Picture } from './modelOf'

/** Where a VM goes, or every reason against every host. */
export type Place = { hostId: HostId; why: string } | { refusals: Refusal[] }

export interface PlaceOptions {
  /** `restart`: it runs nowhere and is started there. `migrate`: it runs, and moves without being shut down. */
  purpose: Purpose
  /** Hosts that get nothing, and are not spoken of. */
  avoid?: ReadonlySet<HostId>
  /** Hosts that a VM does not get, with why. */
  exclude?: ReadonlyMap<VmId, ReadonlyMap<HostId, Refusal>>
  /** Memory is balanced and not a limit. Absent: as the cluster says. */
  allowOvercommit?: boolean
  /** The host that a VM had better be on. Absent: where it is, for one that crashed on a host that is up. */
  lean?: (vm: Vm) => HostId | null
  /** The task that asks: what it was promised is not taken. */
  task?: TaskId | null
}

/**
 * A host for each of these VMs of one cluster, all chosen together: strict rules and memory hold, wishes and an even load
 * are weighed, and where not all fit, the protected come first, tier by tier, the large before the small. VMs of one
 * strict group get one host. Nothing that runs is moved for it.
 */
export function choosePlaces(world: World, vms: readonly Vm[], options: PlaceOptions): Map<VmId, Place> {
  const first = vms[0]
  if (!first) return new Map()
  const { exclude } = options
  const picture = modelOf(world, first.clusterId, {
    ...options,
    vms,
    exclude: (vm, host) => exclude?.get(vm.id)?.has(host) ?? false,
    lean: options.lean ?? ((vm) => leanOf(world, vm)),
  })
  const placed = place(
    picture.model,
    vms.map((_, i) => i),
  )
  const places = new Map<VmId, Place>()
  for (const [i, host] of placed.hosts)
    if (host >= 0)
      places.set(vms[i]!.id, { hostId: picture.hosts[host]!.id, why: whyThere(picture, i, host) })
  for (const one of placed.unplaced)
    places.set(vms[one.vm]!.id, { refusals: refusalsOf(world, picture, one, options) })
  return places
}

/**
 * Where a VM that crashed was; one that is only to be started, unless its cluster picks the best host then: by its placement,
 * or because it balances so far by itself, and so may this VM.
 */
export function leanOf(world: World, vm: Vm): HostId | null {
  const cluster = world.tables.cluster.get(vm.clusterId)
  const mode = cluster ? balanceOf(cluster).mode : 'off'
  const balanced = (mode === 'partial' || mode === 'full') && vm.automation !== 'manual'
  const best = balanced || cluster?.ha.placement.onStart === 'best'
  return vm.recovery?.cause === 'host_lost' || (best && vm.power !== 'crashed') ? null : vm.hostId
}

function whyThere({ hosts, vms, rules, model }: Picture, vm: number, host: number): string {
  const name = hosts[host]!.name
  if (vms[vm]!.hostId === hosts[host]!.id) return `it stays on ${name}`
  const wish = rules.find(
    (rule, i) =>
      rule.kind === 'vm-host' &&
      model.hostRulesOf[vm]!.includes(i) &&
      rule.hosts.some(({ hostId }) => hostId === hosts[host]!.id),
  )
  if (wish) return `the rule "${wish.name}" names ${name}`
  if (model.groupOf[vm]! >= 0) return `${name} has room for all that belong together`
  return `${name} has the most room`
}

function refusalsOf(
  world: World,
  picture: Picture,
  { vm: index, hosts }: Placed['unplaced'][number],
  { purpose, avoid, exclude }: PlaceOptions,
): Refusal[] {
  const vm = picture.vms[index]!
  const all = hosts.flatMap(({ host: at, reasons }) => {
    const host = picture.hosts[at]!
    if (avoid?.has(host.id)) return []
    const kept = exclude?.get(vm.id)?.get(host.id)
    const open = checkOpen(world, host)
    // Of a host that is not there for anybody, nothing else is worth saying.
    const refusals = open.length > 0 ? open : kept ? [kept] : []
    if (open.length === 0)
      for (const reason of reasons) refusals.push(...refusalOf(world, picture, vm, at, reason, purpose, kept))
    return [{ host: refOf(host), refusals }]
  })
  return [{ code: 'no_host_fits', vm: refOf(vm), hosts: all }]
}

function refusalOf(
  world: World,
  { hosts, rules }: Picture,
  vm: Vm,
  at: number,
  reason: Reason,
  purpose: Purpose,
  kept: Refusal | undefined,
): Refusal[] {
  const host = hosts[at]!
  switch (reason.code) {
    case 'closed':
      return []
    case 'ineligible':
      return kept ? [] : checkEligible(world, vm, host, purpose)
    case 'short':
      return [
        {
          code: 'memory_short',
          vm: refOf(vm),
          host: refOf(host),
          neededBytes: reason.needed,
          freeBytes: Math.max(0, reason.free),
        },
      ]
    case 'rule': {
      const rule = rules[reason.rule]!
      return [
        {
          code: 'rule_forbids',
          vm: refOf(vm),
          host: refOf(host),
          rule: refOf<RuleId>(rule),
          sentence: sayRule(world, rule),
        },
      ]
    }
  }
}
