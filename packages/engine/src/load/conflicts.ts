import {
  type Cluster,
  type Host,
  isActive,
  type LoadConflict,
  type LoadRules,
  metricWords,
  refOf,
  sayList,
  sayMetric,
  sayPercent,
  type ThresholdRule,
  type Vm,
  type World,
} from '@drover/model'
import { type BalanceChanges, changedBalance } from '../balance/change'
import { changedPower, type PowerChanges } from '../power/change'
import { hostsOf, vmsOn } from '../world/find'
import { loadRules } from './rules'

/** What is amiss with a threshold, saved or not, beside the other rules of its cluster. */
export function thresholdConflicts(world: World, cluster: Cluster, rule: ThresholdRule): LoadConflict[] {
  const rules = loadRules(world, cluster)
  const thresholds = [...rules.thresholds.filter(({ id }) => id !== rule.id), rule]
  return loadConflicts(world, cluster, { ...rules, thresholds }).filter(({ rules: involved }) =>
    involved.some(({ id }) => id === rule.id),
  )
}

/** What is amiss with the balance or the power saving of a cluster as they would be with these changes, beside its other rules. */
export function settingConflicts(
  world: World,
  clusterId: string,
  changes: { balance: BalanceChanges } | { power: PowerChanges },
): LoadConflict[] {
  const cluster = world.tables.cluster.get(clusterId)
  if (!cluster) return []
  const rules = loadRules(world, cluster)
  const [own, changed] =
    'balance' in changes
      ? ['balance', { balance: changedBalance(rules.balance, changes.balance) }]
      : ['power', { power: changedPower(rules.power, changes.power) }]
  return loadConflicts(world, cluster, { ...rules, ...changed }).filter(({ rules: involved }) =>
    involved.some(({ id }) => id === own),
  )
}

/** Every conflict among the rules about load of a cluster, and with the rules about placement. */
export function loadConflicts(world: World, cluster: Cluster, rules: LoadRules): LoadConflict[] {
  const hosts = hostsOf(world, cluster)
  const active = rules.thresholds.filter(({ enabled }) => enabled)
  return [
    ...active.flatMap((rule) => alone(rule)),
    ...pairs(active).flatMap(([a, b]) => fighting(a, b, hosts)),
    ...active.flatMap((rule) => idle(cluster, rules, rule)),
    ...active.flatMap((rule) => unreachable(cluster, rules, rule)),
    ...active.flatMap((rule) => pinned(world, rules, rule, hosts)),
    ...active.flatMap((rule) => untagged(world, rule, hosts)),
    ...power(cluster, rules, active, hosts),
  ]
}

function named(rule: ThresholdRule): { id: string; name: string } {
  return { id: rule.id, name: rule.name }
}

function watches(rule: ThresholdRule, host: Host): boolean {
  return rule.hostIds.length === 0 || rule.hostIds.includes(host.id)
}

function alone(rule: ThresholdRule): LoadConflict[] {
  const { name, metric, above, until } = rule
  if (until >= above)
    return [
      {
        level: 'error',
        rules: [named(rule)],
        vms: [],
        hosts: [],
        text: `"${name}" acts above ${sayMetric(metric, above)} of ${metricWords[metric]} and moves VMs until it is under ${sayMetric(metric, until)}: that is no less.`,
        remedy: `Let relief end below ${sayMetric(metric, above)}.`,
      },
    ]
  if (until <= above * 0.95) return []
  return [
    {
      level: 'warning',
      rules: [named(rule)],
      vms: [],
      hosts: [],
      text: `"${name}" acts above ${sayMetric(metric, above)} and is content under ${sayMetric(metric, until)}: so close that it acts again and again.`,
      remedy: `Let relief end at ${sayMetric(metric, above * 0.85)} or less.`,
    },
  ]
}

/** Two thresholds of one metric where one fills hosts that the other empties, or both do the same. */
function fighting(a: ThresholdRule, b: ThresholdRule, hosts: readonly Host[]): LoadConflict[] {
  if (a.metric !== b.metric) return []
  const common = hosts.filter((host) => watches(a, host) && watches(b, host))
  const [low, high] = a.above <= b.above ? [a, b] : [b, a]
  const word = metricWords[a.metric]
  if (common.length > 0 && sameVms(a, b)) {
    return [
      {
        level: 'warning',
        rules: [named(a), named(b)],
        vms: [],
        hosts: common.map(refOf),
        text:
          low.above === high.above
            ? `"${a.name}" and "${b.name}" both act above ${sayMetric(a.metric, a.above)} of ${word} on ${sayHosts(common, hosts)}: both move VMs for the same reason.`
            : `"${high.name}" acts above ${sayMetric(a.metric, high.above)} of ${word} on ${sayHosts(common, hosts)}, where "${low.name}" has acted above ${sayMetric(a.metric, low.above)} already: it hardly ever comes to it.`,
        remedy: 'Give them different hosts, tags or times, or remove one.',
      },
    ]
  }
  return []
}

function sameVms(a: ThresholdRule, b: ThresholdRule): boolean {
  const tags = a.tags.length === 0 || b.tags.length === 0 || a.tags.some((tag) => b.tags.includes(tag))
  return tags && JSON.stringify(a.windows) === JSON.stringify(b.windows)
}

/** A threshold that does nothing, because its cluster's balance is off. */
function idle(cluster: Cluster, { balance }: LoadRules, rule: ThresholdRule): LoadConflict[] {
  const own = named(rule)
  const other = { id: 'balance', name: `Balance of ${cluster.name}` }
  if (balance.mode === 'off')
    return [
      {
        level: 'warning',
        rules: [own, other],
        vms: [],
        hosts: [],
        text: `"${rule.name}" does nothing: balancing of ${cluster.name} is off.`,
        remedy: `Set balancing of ${cluster.name} to manual, partial or full; to keep hosts from being evened out, let it aim at overloads only.`,
      },
    ]
  return []
}

/** A threshold that wants hosts emptier than the cluster as a whole is, or than the balance leaves them. */
function unreachable(cluster: Cluster, { balance }: LoadRules, rule: ThresholdRule): LoadConflict[] {
  const { metric, until, above, name } = rule
  if (balance.mode === 'off' || (metric !== 'cpu' && metric !== 'memory')) return []
  const own = named(rule)
  const other = { id: 'balance', name: `Balance of ${cluster.name}` }
  const remedy = `Let "${name}" act above ${sayPercent(balance.limit)} less, or raise the limit of the balance.`
  if (above > balance.limit && balance.aim === 'overload')
    return [
      {
        level: 'warning',
        rules: [own, other],
        vms: [],
        hosts: [],
        text: `The balance of ${cluster.name} moves VMs off hosts above ${sayPercent(balance.limit)} already; "${name}" acts above ${sayPercent(above)} and hardly ever comes to it.`,
        remedy: remedy.replace(`${sayPercent(balance.limit)} less`, `less than ${sayPercent(balance.limit)}`),
      },
    ]
  if (above - until < balance.spread && balance.aim === 'spread')
    return [
      {
        level: 'warning',
        rules: [own, other],
        vms: [],
        hosts: [],
        text: `"${name}" relieves hosts by ${sayPercent(above - until)} only, and the balance of ${cluster.name} takes hosts that are ${sayPercent(balance.spread)} apart for even: what one moves away the other may not miss.`,
        remedy: `Let relief end at ${sayPercent(Math.max(0.05, above - 2 * balance.spread))}, or make the balance finer than ${sayPercent(above - until)}.`,
      },
    ]
  return []
}

/** Hosts where strict rules hold everything in place, so that nothing can be moved away. */
function pinned(
  world: World,
  { rules }: LoadRules,
  threshold: ThresholdRule,
  hosts: readonly Host[],
): LoadConflict[] {
  const strict = rules.filter((rule) => rule.enabled && rule.strict && rule.kind === 'vm-host')
  return hosts.flatMap((host): LoadConflict[] => {
    if (!watches(threshold, host)) return []
    const vms = vmsOn(world, host.id).filter((vm) => isActive(vm) && mayMove(threshold, vm))
    if (vms.length === 0) return []
    const holding = vms.map((vm) =>
      strict.find((rule) => rule.vmIds.includes(vm.id) && onlyHere(rule, host, hosts)),
    )
    if (holding.some((rule) => rule === undefined)) return []
    const involved = [...new Set(holding.map((rule) => rule!))]
    return [
      {
        level: 'warning',
        rules: [named(threshold), ...involved.map(({ id, name }) => ({ id, name }))],
        vms: vms.map(refOf),
        hosts: [refOf(host)],
        text: `"${threshold.name}" could move nothing off ${host.name}: ${sayFew(vms)} must stay there by ${sayList(involved.map(({ name }) => `"${name}"`))}.`,
        remedy: `Allow another host in ${sayList(involved.map(({ name }) => `"${name}"`))}, make it a rule that should hold, or take ${host.name} out of "${threshold.name}".`,
      },
    ]
  })
}

function onlyHere(rule: LoadRules['rules'][number], host: Host, hosts: readonly Host[]): boolean {
  const inside = (one: Host) =>
    rule.hosts.some(({ hostId }) => hostId === one.id) === (rule.relation === 'on')
  return inside(host) && !hosts.some((one) => one.id !== host.id && inside(one))
}

function mayMove({ tags }: ThresholdRule, vm: Vm): boolean {
  return tags.length === 0 || tags.some((tag) => vm.tags.includes(tag))
}

/** Tags that no VM of the cluster has. */
function untagged(world: World, rule: ThresholdRule, hosts: readonly Host[]): LoadConflict[] {
  if (rule.tags.length === 0) return []
  if (hosts.some((host) => vmsOn(world, host.id).some((vm) => mayMove(rule, vm)))) return []
  return [
    {
      level: 'warning',
      rules: [named(rule)],
      vms: [],
      hosts: [],
      text: `"${rule.name}" could move nothing: no VM is tagged ${sayList(rule.tags, 'or')}.`,
      remedy: 'Tag the VMs that it may move, or leave the tags out.',
    },
  ]
}

/** Saving power fills hosts; thresholds and its own figures have to leave room for that. */
function power(
  cluster: Cluster,
  { power: settings, balance }: LoadRules,
  thresholds: readonly ThresholdRule[],
  hosts: readonly Host[],
): LoadConflict[] {
  if (settings.mode === 'off') return []
  const own = { id: 'power', name: `Power saving of ${cluster.name}` }
  const found: LoadConflict[] = []
  const add = (level: LoadConflict['level'], rules: LoadConflict['rules'], text: string, remedy: string) =>
    found.push({ level, rules: [own, ...rules], vms: [], hosts: [], text, remedy })
  const { fillTo, wakeAbove, minAwake } = settings
  if (wakeAbove <= fillTo)
    add(
      'error',
      [],
      `Hosts are filled up to ${sayPercent(fillTo)}, and another is woken above ${sayPercent(wakeAbove)}: one would be put to sleep and woken in turn.`,
      `Wake above more than ${sayPercent(fillTo)}, say ${sayPercent(Math.min(1, fillTo + 0.1))}.`,
    )
  for (const rule of thresholds)
    if ((rule.metric === 'cpu' || rule.metric === 'memory') && fillTo > rule.above)
      add(
        'warning',
        [named(rule)],
        `Power saving fills hosts up to ${sayPercent(fillTo)}; "${rule.name}" moves VMs off hosts above ${sayPercent(rule.above)} of ${metricWords[rule.metric]}.`,
        `Fill hosts up to ${sayPercent(Math.min(rule.until, rule.above - 0.05))} only, or let "${rule.name}" act above more than ${sayPercent(fillTo)}.`,
      )
  if (balance.mode === 'off')
    add(
      'warning',
      [{ id: 'balance', name: `Balance of ${cluster.name}` }],
      `Hosts are woken when the others have too much to do, and balancing of ${cluster.name} is off: a host that was woken stays empty until somebody moves VMs there.`,
      `Set balancing of ${cluster.name} to full, which may aim at overloads only; or switch power saving off.`,
    )
  if (balance.mode !== 'off' && fillTo > balance.limit)
    add(
      'warning',
      [{ id: 'balance', name: `Balance of ${cluster.name}` }],
      `Power saving fills hosts up to ${sayPercent(fillTo)}; the balance takes them for overloaded above ${sayPercent(balance.limit)}.`,
      `Fill hosts up to less than ${sayPercent(balance.limit)}.`,
    )
  if (minAwake >= hosts.length && hosts.length > 0)
    add(
      'warning',
      [],
      `${cluster.name} has ${hosts.length} hosts and ${minAwake} have to be awake: none can sleep.`,
      `Let fewer than ${hosts.length} hosts have to be awake.`,
    )
  return found
}

function pairs<T>(items: readonly T[]): [T, T][] {
  return items.flatMap((a, i) => items.slice(i + 1).map((b): [T, T] => [a, b]))
}

function sayHosts(some: readonly Host[], all: readonly Host[]): string {
  return some.length === all.length ? 'every host' : sayFew(some)
}

function sayFew(items: readonly { name: string }[]): string {
  const names = items.slice(0, 4).map(({ name }) => name)
  return sayList(items.length > 4 ? [...names, `${items.length - 4} more`] : names)
}
