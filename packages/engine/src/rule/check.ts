import {
  type Host,
  type HostId,
  type Refusal,
  type Rule,
  refOf,
  type Vm,
  type VmId,
  type World,
} from '@drover/model'
import { hostRef } from '../world/find'
import { rulesOf } from './find'
import { sayRule } from './say'
import { destinationOf, placesOf } from './where'

export interface RuleOptions {
  /** VMs that move to the same host in the same breath. */
  along?: readonly VmId[]
}

/**
 * Every strict rule that would be broken if the VM ran on this host next to what runs and what is on its way. VMs that
 * must be together may only move as a whole: see `along`.
 */
export function checkRules(world: World, vm: Vm, host: Host, { along = [] }: RuleOptions = {}): Refusal[] {
  return rulesOf(world, vm.clusterId)
    .filter((rule) => rule.strict && rule.vmIds.includes(vm.id))
    .flatMap((rule) => {
      const found = broken(world, rule, vm, host, along)
      if (found === null) return []
      const sentence = [sayRule(world, rule), found].filter(Boolean).join(' ')
      return [{ code: 'rule_forbids', vm: refOf(vm), host: refOf(host), rule: refOf(rule), sentence }]
    })
}

/** What the rules that should hold would say of the VM on this host; empty when they are content. */
export function ruleNotes(world: World, vm: Vm, host: Host): string[] {
  return rulesOf(world, vm.clusterId)
    .filter(
      (rule) => !rule.strict && rule.vmIds.includes(vm.id) && broken(world, rule, vm, host, []) !== null,
    )
    .map((rule) => sayRule(world, rule))
}

/** In words, what stands against the rule holding with the VM there; empty words: the rule says it all. Null: nothing. */
function broken(world: World, rule: Rule, vm: Vm, host: Host, along: readonly VmId[]): string | null {
  if (rule.kind === 'vm-host') {
    const named = rule.hosts.some(({ hostId }) => hostId === host.id)
    return named === (rule.relation === 'notOn') ? '' : null
  }
  const others = rule.vmIds.flatMap((id) => (id === vm.id ? [] : (world.tables.vm.get(id) ?? [])))
  const there = (other: Vm) => along.includes(other.id) || placesOf(world, other).includes(host.id)
  if (rule.relation === 'apart') {
    const neighbour = others.find(there)
    return neighbour ? `${neighbour.name} is on ${host.name}.` : null
  }
  const away = others.filter((other) => {
    const place = destinationOf(world, other)
    return place !== null && place !== host.id && !along.includes(other.id)
  })
  const first = away[0]
  if (!first) return null
  const place = hostRef(world, destinationOf(world, first) as HostId).name
  return `${first.name} is on ${place}; migrate all of them together.`
}
