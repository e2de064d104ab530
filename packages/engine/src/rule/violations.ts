import {
  type ClusterId,
  type HostId,
  type Ref,
  type Rule,
  type RuleViolation,
  refOf,
  sayList,
  type Vm,
  type World,
} from '@drover/model'
import { hostRef } from '../world/find'
import { rulesOf } from './find'
import { sayRule } from './say'
import { destinationOf } from './where'

/** A rule that does not hold, with the VMs that run against it. */
export interface Broken {
  rule: Rule
  vms: Vm[]
}

/** Rules that do not hold for what runs, as it will be when what is under way has ended. */
export function brokenRules(world: World, clusterId: ClusterId, only: 'strict' | 'all' = 'all'): Broken[] {
  return rulesOf(world, clusterId).flatMap((rule): Broken[] => {
    if (only === 'strict' && !rule.strict) return []
    const vms = offenders(world, rule)
    return vms.length > 0 ? [{ rule, vms }] : []
  })
}

/** The same in words. */
export function violations(world: World, clusterId: ClusterId): RuleViolation[] {
  return brokenRules(world, clusterId).map(({ rule, vms }): RuleViolation => {
    const where = sayList(vms.map((vm) => `${vm.name} on ${hostRef(world, destinationOf(world, vm)!).name}`))
    const mend = rule.strict ? 'It is mended by migrations when a host can take them.' : 'It is a wish.'
    const vmRefs = vms.map((vm): Ref<Vm['id']> => refOf(vm))
    return { rule: refOf(rule), vms: vmRefs, text: `${sayRule(world, rule)} Now: ${where}. ${mend}` }
  })
}

function offenders(world: World, rule: Rule): Vm[] {
  const placed = rule.vmIds.flatMap((id): { vm: Vm; host: HostId }[] => {
    const vm = world.tables.vm.get(id)
    const host = vm && destinationOf(world, vm)
    return vm && host ? [{ vm, host }] : []
  })
  switch (rule.relation) {
    case 'together': {
      const hosts = new Set(placed.map(({ host }) => host))
      return hosts.size > 1 ? placed.map(({ vm }) => vm) : []
    }
    case 'apart': {
      const count = new Map<HostId, number>()
      for (const { host } of placed) count.set(host, (count.get(host) ?? 0) + 1)
      return placed.filter(({ host }) => count.get(host)! > 1).map(({ vm }) => vm)
    }
    case 'on':
    case 'notOn': {
      const named = new Set(rule.hosts.map(({ hostId }) => hostId))
      return placed.filter(({ host }) => named.has(host) === (rule.relation === 'notOn')).map(({ vm }) => vm)
    }
  }
}
