import {
  type Host,
  type Ref,
  type Refusal,
  type Rule,
  type RuleId,
  type RuleInput,
  refOf,
  sayBytes,
  sayCount,
  sayList,
  type Vm,
  type World,
} from '@drover/model'
import { buildModel, type Model } from '@drover/planner'
import { ruleOf } from '../plan/modelOf'
import { hostsOf, numberOf } from '../world/find'
import { mayOvercommit, usableMemoryBytes } from '../world/room'
import { rulesOf } from './find'
import { sayRule } from './say'

/** The rules of a cluster with the one in question, resolved. */
interface Resolved {
  world: World
  model: Model
  rules: Rule[]
  vms: Vm[]
  hosts: Host[]
  /** Index of the rule in question. */
  asked: number
}

/**
 * Why a strict rule cannot hold beside the strict rules that there are, and what would resolve it: VMs that must be together
 * and apart, or that no host is left for, sets that need more hosts than they may use, groups that no host can hold.
 * `changing`: the rule that it replaces. Rules that only should hold cannot conflict; neither can one that is off.
 */
export function ruleConflicts(world: World, input: RuleInput, changing?: RuleId): Refusal[] {
  if (!input.strict || !input.enabled) return []
  const asked: Rule = { ...input, id: changing ?? 'rule-0', version: 0, createdAt: 0 }
  const others = rulesOf(world, input.clusterId).filter((rule) => rule.strict && rule.id !== changing)
  const rules = [...others, asked]
  const hosts = hostsOf(world, { id: input.clusterId }).sort((a, b) => numberOf(a.id) - numberOf(b.id))
  const ids = new Set(rules.flatMap((rule) => rule.vmIds))
  const vms = [...ids].flatMap((id) => world.tables.vm.get(id) ?? [])
  const vmIndex = new Map(vms.map((vm, i) => [vm.id, i]))
  const hostIndex = new Map(hosts.map((host, i) => [host.id, i]))
  const model = buildModel({
    resources: [{ name: 'memory', hard: true, weight: 1 }],
    hosts: hosts.map((host) => ({
      name: host.name,
      capacity: [usableMemoryBytes(host)],
      used: [0],
      accepts: true,
    })),
    vms: vms.map((vm) => ({ name: vm.name, size: [vm.memoryBytes], at: -1, rank: 0, protected: true })),
    rules: rules.map((rule) => ruleOf(rule, vmIndex, hostIndex)),
  })
  const resolved = { world, model, rules, vms, hosts, asked: rules.length - 1 }
  return [...torn(resolved), ...homeless(resolved), ...crowded(resolved), ...tooLarge(resolved)]
}

/** VMs that must be together and must be apart. */
function torn(resolved: Resolved): Refusal[] {
  const { model, vms } = resolved
  return model.sets.flatMap((set): Refusal[] => {
    if (set.relation !== 'apart') return []
    for (const vm of set.members) {
      const group = model.groupOf[vm]!
      const other = set.members.find((one) => one !== vm && group >= 0 && model.groupOf[one] === group)
      if (other === undefined) continue
      const involved = [set.rule, ...model.groupRules[group]!]
      const names = [vms[vm]!.name, vms[other]!.name].join(' and ')
      const sentence = `${names} must be on different hosts and, by ${sayRules(resolved, model.groupRules[group]!)}, on one.`
      const remedy = `Take one of them out of one of these rules, or make one a rule that should hold.`
      return conflict(resolved, involved, sentence, remedy)
    }
    return []
  })
}

/** VMs, or groups of them, that no host is left for. */
function homeless(resolved: Resolved): Refusal[] {
  const { model, vms } = resolved
  return bundles(model).flatMap(({ members, rules }): Refusal[] => {
    if (allowedOf(model, members).length > 0) return []
    const involved = [...rules, ...members.flatMap((vm) => model.hostRulesOf[vm]!)]
    const names = sayList(members.map((vm) => vms[vm]!.name))
    const sentence = `${sayRules(resolved, involved)} ${involved.length > 1 ? 'leave' : 'leaves'} no host for ${names}.`
    return conflict(
      resolved,
      involved,
      sentence,
      `Let them share at least one host, or change one to should.`,
    )
  })
}

/** VMs that must be apart on fewer hosts than there are of them. */
function crowded(resolved: Resolved): Refusal[] {
  const { model, vms, hosts } = resolved
  return model.sets.flatMap(({ relation, rule, members }): Refusal[] => {
    if (relation !== 'apart') return []
    const allowed = members.map((vm) =>
      allowedOf(model, model.groupOf[vm]! >= 0 ? model.groups[model.groupOf[vm]!]! : [vm]),
    )
    const stuck = unmatched(allowed)
    if (!stuck || allowed.some((open) => open.length === 0)) return []
    const open = [...new Set(stuck.flatMap((i) => allowed[i]!))]
    const involved = [rule, ...stuck.flatMap((i) => model.hostRulesOf[members[i]!]!)]
    const names = sayList(stuck.map((i) => vms[members[i]!]!.name))
    const places = open.length === hosts.length ? '' : ` (${sayList(open.map((host) => hosts[host]!.name))})`
    const sentence = `${names} must be on different hosts, and there ${open.length === 1 ? 'is' : 'are'} only ${sayCount(open.length, 'host')}${places} for ${stuck.length} VMs.`
    return conflict(
      resolved,
      involved,
      sentence,
      'Allow or add a host, leave a VM out, or make it a rule that should hold.',
    )
  })
}

/** Groups that are larger than any host that they may be on. */
function tooLarge(resolved: Resolved): Refusal[] {
  const { model, vms, hosts, world } = resolved
  const { clusterId } = resolved.rules[resolved.asked]!
  if (mayOvercommit(world, clusterId)) return []
  return bundles(model).flatMap(({ members, rules }): Refusal[] => {
    const open = allowedOf(model, members)
    // A host whose size is not known yet may be large enough.
    if (members.length < 2 || open.length === 0 || open.some((host) => !hosts[host]!.facts)) return []
    const needed = members.reduce((sum, vm) => sum + vms[vm]!.memoryBytes, 0)
    const largest = open.reduce((a, b) => (usable(hosts, b) > usable(hosts, a) ? b : a))
    if (needed <= usable(hosts, largest)) return []
    const names = sayList(members.map((vm) => vms[vm]!.name))
    const sentence = `${names} must be on one host and need ${sayBytes(needed)} of memory; the largest host for them, ${hosts[largest]!.name}, has ${sayBytes(usable(hosts, largest))}.`
    return conflict(
      resolved,
      rules,
      sentence,
      'Take a VM out, make them smaller, or make it a rule that should hold.',
    )
  })
}

function usable(hosts: readonly Host[], host: number): number {
  return usableMemoryBytes(hosts[host]!)
}

/** What is placed as one, with the rules that bind it: groups, and single VMs. */
function bundles(model: Model): { members: readonly number[]; rules: readonly number[] }[] {
  const groups = model.groups.map((members, group) => ({ members, rules: model.groupRules[group]! }))
  const single = [...model.vms.keys()].filter((vm) => model.groupOf[vm] === -1)
  return [...groups, ...single.map((vm) => ({ members: [vm], rules: [] }))]
}

function allowedOf(model: Model, members: readonly number[]): number[] {
  return [...model.hosts.keys()].filter((host) => members.every((vm) => model.allowed[vm]?.[host] !== 0))
}

/** Of things that each need a place of their own: those that get in one another's way; null when there is a place for each. */
function unmatched(allowed: readonly (readonly number[])[]): number[] | null {
  const takenBy = new Map<number, number>()
  for (const start of allowed.keys()) {
    const seen = new Set<number>()
    const find = (one: number): boolean =>
      allowed[one]!.some((host) => {
        if (seen.has(host)) return false
        seen.add(host)
        const holder = takenBy.get(host)
        if (holder !== undefined && !find(holder)) return false
        takenBy.set(host, one)
        return true
      })
    // Those that hold the hosts which were tried in vain, and the one that found none.
    if (!find(start)) return [...new Set([...[...seen].map((host) => takenBy.get(host)!), start])]
  }
  return null
}

/** One refusal, if the rule in question has a part in it: what was there before is not its fault. */
function conflict(
  resolved: Resolved,
  involved: readonly number[],
  sentence: string,
  remedy: string,
): Refusal[] {
  if (!involved.includes(resolved.asked)) return []
  const refs = [...new Set(involved)].map((rule): Ref => refOf(resolved.rules[rule]!))
  return [{ code: 'rule_conflict', rules: refs, sentence, remedy }]
}

function sayRules({ rules, world, asked }: Resolved, involved: readonly number[]): string {
  const unique = [...new Set(involved)]
  return sayList(
    unique.map((rule) =>
      rule === asked
        ? 'this rule'
        : `"${rules[rule]!.name}" (${sayRule(world, rules[rule]!).replace(/\.$/, '')})`,
    ),
  )
}
