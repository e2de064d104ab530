/**
 * The planner's picture of a cluster: numbers and indexes, no names of rows. Whoever asks (the engine for the real world,
 * a plan question, a benchmark's file) translates into it and back; no special case knows who asked.
 */

/** Something that VMs need of a host. */
export interface Resource {
  name: string
  /** Never over-committed. What is not hard is only balanced. */
  hard: boolean
  /** How much an uneven load of it counts, beside the others. */
  weight: number
}

export interface ModelHost {
  name: string
  /** By resource. */
  capacity: readonly number[]
  /** By resource: what is taken already, by the VMs that run there and by promises. */
  used: readonly number[]
  /** Takes VMs. One that does not may still run some. */
  accepts: boolean
  /** How many VMs are there, those that are no `ModelVm` included; absent: as many as say that they are. */
  crowd?: number
}

export interface ModelVm {
  name: string
  /** By resource. */
  size: readonly number[]
  /** The host it runs on (its size is in that host's `used`); -1: nowhere. */
  at: number
  /** A second host that counts as its place for rules, because it is on its way there; -1: none. */
  towards?: number
  /** Who comes first when not all fit; lower first. */
  rank: number
  /** Has to be running again after a failure. */
  protected: boolean
  /** Hosts that could run it, whatever the rules say: 1 by host index; null: all. Shared arrays make it cheap. */
  eligible?: Uint8Array | null
  /** A host it had better be on, before all other wishes; -1: none. */
  lean?: number
}

/** A rule with VMs and hosts by index. Meaning as in the model's `Rule`. */
export interface ModelRule {
  kind: 'vm-vm' | 'vm-host'
  relation: 'together' | 'apart' | 'on' | 'notOn'
  strict: boolean
  vms: readonly number[]
  hosts: readonly { host: number; priority: number }[]
}

export interface ModelInput {
  resources: readonly Resource[]
  hosts: readonly ModelHost[]
  vms: readonly ModelVm[]
  rules: readonly ModelRule[]
}

/** VMs of which one host may or should hold at most one (apart), or which should share one (together). */
export interface RuleSet {
  rule: number
  relation: 'apart' | 'together'
  strict: boolean
  members: readonly number[]
}

export interface Model extends ModelInput {
  /** vm-vm rules, except strict `together` ones, which are `groups`. */
  sets: readonly RuleSet[]
  /** By VM: the sets it is in. */
  setsOf: readonly (readonly number[])[]
  /** Strict `together` rules, merged where they overlap: VMs that share a host. */
  groups: readonly (readonly number[])[]
  /** By VM: its group; -1: none. */
  groupOf: Int32Array
  /** By group: the rules it was merged from. */
  groupRules: readonly (readonly number[])[]
  /** By VM: hosts that eligibility and strict vm-host rules leave; null: all. */
  allowed: readonly (Uint8Array | null)[]
  /** By VM: what vm-host wishes cost on each host, 0 to 1 per rule; null: nothing anywhere. */
  hostCost: readonly (Float64Array | null)[]
  /** By VM: its vm-host rules. */
  hostRulesOf: readonly (readonly number[])[]
  /** By host: the VMs that run there. */
  vmsOn: readonly (readonly number[])[]
  /** VMs that rules between VMs speak of. */
  bound: readonly number[]
}

/** Resolves the rules: merges what belongs together, intersects hosts, prices wishes. */
export function buildModel(input: ModelInput): Model {
  const { vms, rules } = input
  const setsOf: number[][] = vms.map(() => [])
  const hostRulesOf: number[][] = vms.map(() => [])
  const sets: RuleSet[] = []
  for (const [rule, { kind, relation, strict, vms: members }] of rules.entries()) {
    if (kind === 'vm-host') for (const vm of members) hostRulesOf[vm]!.push(rule)
    else if (members.length > 1 && !(relation === 'together' && strict)) {
      for (const vm of members) setsOf[vm]!.push(sets.length)
      sets.push({ rule, relation: relation === 'together' ? 'together' : 'apart', strict, members })
    }
  }
  const groups = groupsOf(input)
  const vmsOn = vmsOnOf(input.hosts, vms)
  const bound = [...vms.keys()].filter((vm) => setsOf[vm]!.length > 0 || groups.groupOf[vm]! >= 0)
  return { ...input, sets, setsOf, hostRulesOf, vmsOn, bound, ...groups, ...hostsOf(input, hostRulesOf) }
}

/**
 * The same VMs under the same rules, where they are by now: `at` by VM, and what that makes of the hosts. What the rules come to
 * is not worked out again.
 */
export function modelNow(model: Model, hosts: readonly ModelHost[], at: ArrayLike<number>): Model {
  const vms = model.vms.map((row, vm) => (row.at === at[vm] ? row : { ...row, at: at[vm]! }))
  return { ...model, hosts, vms, vmsOn: vmsOnOf(hosts, vms) }
}

function vmsOnOf(hosts: readonly ModelHost[], vms: readonly ModelVm[]): number[][] {
  const vmsOn: number[][] = hosts.map(() => [])
  for (let vm = 0; vm < vms.length; vm += 1) {
    const { at } = vms[vm]!
    if (at >= 0) vmsOn[at]!.push(vm)
  }
  return vmsOn
}

function groupsOf({ vms, rules }: ModelInput): Pick<Model, 'groups' | 'groupOf' | 'groupRules'> {
  const parent = Int32Array.from(vms.keys())
  const find = (vm: number): number => {
    let root = vm
    while (parent[root] !== root) root = parent[root]!
    for (let at = vm; at !== root; ) [at, parent[at]] = [parent[at]!, root]
    return root
  }
  const binding = [...rules.entries()].filter(
    ([, { kind, relation, strict, vms: members }]) =>
      kind === 'vm-vm' && relation === 'together' && strict && members.length > 1,
  )
  for (const [, { vms: members }] of binding)
    for (const vm of members) {
      const [one, other] = [find(vm), find(members[0]!)]
      parent[Math.max(one, other)] = Math.min(one, other)
    }
  const groupOf = new Int32Array(vms.length).fill(-1)
  const groups: number[][] = []
  const groupRules: number[][] = []
  const numbers = new Map<number, number>()
  for (const [rule, { vms: members }] of binding) {
    const root = find(members[0]!)
    const group = numbers.get(root) ?? groups.length
    if (group === groups.length) {
      numbers.set(root, group)
      groups.push([])
      groupRules.push([])
    }
    groupRules[group]!.push(rule)
    for (const vm of members)
      if (groupOf[vm] === -1) {
        groupOf[vm] = group
        groups[group]!.push(vm)
      }
  }
  return { groups, groupOf, groupRules }
}

/** Many VMs share their rules and their eligibility, so each combination is worked out once. */
function hostsOf(
  { hosts, vms, rules }: ModelInput,
  hostRulesOf: readonly (readonly number[])[],
): Pick<Model, 'allowed' | 'hostCost'> {
  const allowed: (Uint8Array | null)[] = []
  const hostCost: (Float64Array | null)[] = []
  const cache = new Map<Uint8Array | null, Map<string, [Uint8Array | null, Float64Array | null]>>()
  for (const [vm, { eligible = null }] of vms.entries()) {
    let byRules = cache.get(eligible)
    if (!byRules) {
      byRules = new Map()
      cache.set(eligible, byRules)
    }
    const key = hostRulesOf[vm]!.join()
    let pair = byRules.get(key)
    if (!pair) {
      let mask = eligible
      let cost: Float64Array | null = null
      for (const rule of hostRulesOf[vm]!) {
        const { strict } = rules[rule]!
        const priced = priceOf(rules[rule]!, hosts.length)
        if (strict) {
          const before = mask
          mask = Uint8Array.from(priced.in, (inside, host) => (inside && (before?.[host] ?? 1) ? 1 : 0))
        }
        if (priced.cost.some((price) => price > 0)) {
          cost ??= new Float64Array(hosts.length)
          for (let host = 0; host < hosts.length; host += 1) cost[host]! += priced.cost[host]!
        }
      }
      pair = [mask, cost]
      byRules.set(key, pair)
    }
    allowed.push(pair[0])
    hostCost.push(pair[1])
  }
  return { allowed, hostCost }
}

/** Which hosts a vm-host rule means, and what each costs: 0 the most wanted, 1 not wanted. */
function priceOf(rule: ModelRule, hosts: number): { in: Uint8Array; cost: Float64Array } {
  const inside = new Uint8Array(hosts)
  const cost = new Float64Array(hosts)
  if (rule.relation === 'notOn') {
    inside.fill(1)
    for (const { host } of rule.hosts) {
      inside[host] = 0
      cost[host] = 1
    }
    return { in: inside, cost }
  }
  cost.fill(1)
  const priorities = [...new Set(rule.hosts.map(({ priority }) => priority))].sort((a, b) => b - a)
  for (const { host, priority } of rule.hosts) {
    inside[host] = 1
    cost[host] = priorities.indexOf(priority) / priorities.length
  }
  return { in: inside, cost }
}
