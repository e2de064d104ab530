import {
  type BalanceScore,
  type BalanceSettings,
  type Cluster,
  defaultBalanceSettings,
  type LoadShares,
  type Recommendation,
  type Recommendations,
  refOf,
  sayBytes,
  sayPercent,
  type World,
} from '@drover/model'
import {
  type BalancePlan,
  balance,
  type HostAgainst,
  Loads,
  type Score,
  type WhyNot,
  whyNots,
} from '@drover/planner'
import { sayRule } from '../rule/say'
import { coolingVms, unrest } from './calm'
import { type BalancePicture, balancePicture, cpuMetric, memoryMetric } from './picture'

/** How a cluster is balanced; one that says nothing is not. */
export function balanceOf(cluster: Pick<Cluster, 'balance'>): BalanceSettings {
  return cluster.balance ?? defaultBalanceSettings
}

/** What would be moved now, whether or not the cluster moves anything by itself. Changes nothing. */
export function recommendations(world: World, clusterId: string, now: number): Recommendations {
  const cluster = world.tables.cluster.get(clusterId)!
  const nothing = { total: 0, cpu: 0, memory: 0 }
  const none = { score: nothing, scoreAfter: nothing, hosts: [], moves: [] }
  const found = planBalance(world, cluster, now)
  if (!found) return { ...none, blocked: 'It is not known yet what every host uses.' }
  const { picture, plan } = found
  const loads = new Loads(picture.model, picture.goal)
  const before = shares(loads, picture)
  for (const { vm, from, to } of plan.moves)
    loads.move(Float64Array.from(picture.model.vms[vm]!.size), from, to)
  const after = shares(loads, picture)
  return {
    blocked:
      unrest(world, cluster, now) ??
      (plan.moves.length > 0 && !isWorthwhile(cluster, plan)
        ? 'All moves together would better the score by less than is worth the disturbance.'
        : null),
    score: scoreOf(plan.before),
    scoreAfter: scoreOf(plan.after),
    hosts: picture.hosts.map((host, i) => ({ host: refOf(host), before: before[i]!, after: after[i]! })),
    moves: [...whyNots(picture.model, picture.goal, plan)].map((others, i) =>
      recommendation(world, picture, plan, i, others),
    ),
  }
}

/** The plan as of now; null where usage is not known. */
export function planBalance(
  world: World,
  cluster: Cluster,
  now: number,
  mayGoOn?: () => boolean,
): { picture: BalancePicture; plan: BalancePlan } | null {
  const settings = balanceOf(cluster)
  const cooling = coolingVms(world, cluster, now, settings.cooldownMs)
  const picture = balancePicture(world, cluster, settings, cooling)
  if (!picture) return null
  const { model, goal, movable } = picture
  return { picture, plan: balance(model, goal, { movable, ...(mayGoOn ? { mayGoOn } : {}) }) }
}

/** Whether a plan is worth the disturbance: it betters the score by enough, or takes an overload away. */
export function isWorthwhile(cluster: Cluster, { before, after, moves }: BalancePlan): boolean {
  if (moves.length === 0) return false
  const overload = before.over.some((share, m) => share - after.over[m]! > 0.001)
  return overload || before.total - after.total >= balanceOf(cluster).worthwhile
}

/** One move of a plan in words; what speaks against every other host only when asked for. */
export function recommendation(
  world: World,
  picture: BalancePicture,
  plan: BalancePlan,
  index: number,
  others: readonly HostAgainst[] = [],
): Recommendation {
  const { vm: at, from, to, before, after, step } = plan.moves[index]!
  const { hosts, vms } = picture
  const [vm, source, target] = [vms[at]!, hosts[from]!, hosts[to]!]
  const partners = plan.moves.filter((move) => move.step === step && move.vm !== at)
  const along =
    partners.length > 0 ? `, together with ${partners.map((move) => vms[move.vm]!.name).join(', ')}` : ''
  const over = before.over.some((share, m) => share > after.over[m]! + 1e-9)
  const why = over ? `takes an overload off ${source.name}` : 'evens out the load'
  const change = (name: string, m: number) =>
    `${name} is ${percent(before.spread[m]!)} apart between hosts and ${percent(after.spread[m]!)} then`
  const whyNot = others.map(({ host, reason }) => ({
    host: refOf(hosts[host]!),
    reason: sayWhyNot(world, picture, reason),
  }))
  return {
    vm: refOf(vm),
    source: refOf(source),
    target: refOf(target),
    step,
    before: scoreOf(before),
    after: scoreOf(after),
    memoryBytes: vm.memoryBytes,
    reason: `Balance: moving ${vm.name} from ${source.name} to ${target.name}${along} ${why}: ${change('CPU', cpuMetric)}, ${change('memory', memoryMetric)}.`,
    whyNot,
  }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function sayWhyNot(world: World, { rules }: BalancePicture, reason: WhyNot): string {
  switch (reason.code) {
    case 'closed':
      return 'takes no VMs now'
    case 'ineligible':
      return 'could not run it as it is: disks, networks, CPU or storage differ'
    case 'short':
      return `${sayBytes(reason.needed - reason.free)} of memory short`
    case 'rule':
      return `a rule forbids it: ${sayRule(world, rules[reason.rule]!)}`
    case 'wish':
      return 'a rule that should hold speaks against it'
    case 'worse':
      return reason.gain > 0
        ? `betters the score by ${reason.gain.toFixed(3)} only, and the chosen host by ${reason.chosen.toFixed(3)}`
        : 'would make the load more uneven'
  }
}

function scoreOf({ total, spread }: Score): BalanceScore {
  return { total, cpu: spread[cpuMetric]!, memory: spread[memoryMetric]! }
}

function shares(loads: Loads, { hosts }: BalancePicture): LoadShares[] {
  return hosts.map((_, i) => ({ cpu: loads.of(cpuMetric, i), memory: loads.of(memoryMetric, i) }))
}

/** How uneven a cluster is, in a sentence. */
export function sayUneven(cluster: Pick<Cluster, 'name'>, { spread, over }: Score): string {
  const overloaded = over.some((share) => share > 0) ? ', and a host is overloaded' : ''
  return `The load of ${cluster.name} is uneven: CPU ${sayPercent(spread[cpuMetric]!)} and memory ${sayPercent(spread[memoryMetric]!)} apart between hosts${overloaded}.`
}
