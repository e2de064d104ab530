import {
  type LoadMemory,
  type LoadPicture,
  type LoadProposal,
  type LoadRules,
  metricWords,
  sayDuration,
  sayList,
  sayMetric,
  type ThresholdRule,
} from '@drover/model'
import { type BalanceMove, balance } from '../balance/balance'
import type { BalanceGoal } from '../balance/goal'
import { pictureAfter } from './after'
import { guardsOf, mostMoves, whyFixed, withinBudget, withLimit } from './limits'
import { type PlanOptions, propose } from './propose'
import { capacityOf, modelOfScene, moveCost, type Scene, sceneOf } from './scene'
import { measured } from './watch'

const gib = 2 ** 30
/** To make somebody else have too much is so much worse than the relief is good. */
const dear = 20

export interface Relief {
  proposals: LoadProposal[]
  held: string[]
}

/** Hosts that have been above a threshold for long enough, with what was measured of each. */
export interface Above {
  hosts: number[]
  since: readonly number[]
  values: Float64Array
}

/**
 * Moves VMs off hosts that are above a threshold until they are under `until`, and nobody else over it. What may go without
 * asking comes first, by itself; what would have to be asked for is proposed on top of that.
 */
export function relieve(
  picture: LoadPicture,
  rules: LoadRules,
  memory: LoadMemory,
  rule: ThresholdRule,
  above: Above,
  options: PlanOptions = {},
): Relief {
  const { at, vms } = picture
  const tagged = (vm: number) =>
    rule.tags.length === 0 || rule.tags.some((tag) => vms[vm]!.tags.includes(tag))
  const free = (vm: number) =>
    tagged(vm) && whyFixed(vms[vm]!, at, rule.cooldownMs, above.hosts.includes(vms[vm]!.at)) === null
  const alone = rule.automation === 'full' || (rule.automation === 'cluster' && rules.balance.mode === 'full')
  const proposals: LoadProposal[] = []
  const held: string[] = []
  const heldUp = () =>
    proposals.length > 0
      ? held
      : [...held, `${sayAbove(picture, rule, above)} ${sayStuck(picture, rule, above, free)}`]
  let now = picture
  if (alone) {
    const may = (vm: number) => free(vm) && vms[vm]!.automation === 'full'
    const { moves, say } = plan(now, rules, rule, above, may, options)
    const granted = withinBudget(picture, memory, rule.id, rule.budget, moves)
    if (granted.held) held.push(`${sayAbove(picture, rule, above)} ${granted.held}`)
    if (granted.moves.length > 0) proposals.push(say(granted.moves, true))
    if (granted.held) return { proposals, held }
    // Where nobody has to be asked, there is nothing to ask for.
    if (vms.every(({ automation }) => automation === 'full')) return { proposals, held: heldUp() }
    now = pictureAfter(picture, granted.moves, 'it is being moved by this rule already')
  }
  const asked = (vm: number) => free(vm) && !now.vms[vm]!.fixed
  const { moves, say } = plan(now, rules, rule, above, asked, options)
  if (moves.length > 0) proposals.push(say(moves, false))
  return { proposals, held: heldUp() }
}

function plan(
  picture: LoadPicture,
  rules: LoadRules,
  rule: ThresholdRule,
  above: Above,
  movable: (vm: number) => boolean,
  { mayGoOn, explain = true }: PlanOptions,
): { moves: BalanceMove[]; say: (moves: readonly BalanceMove[], automatic: boolean) => LoadProposal } {
  const { metric, until } = rule
  const scene = sceneOf(picture, rules, new Set(above.hosts))
  const guards = withLimit(picture, rules.balance.limit, guardsOf(picture, rules, rule.id))
  const rate = metric === 'disk' || metric === 'network'
  // Rates are counted as shares of what is too much.
  const unit = rate ? rule.above : 1
  const goalLimit = until / unit
  // Two sides of the same: what the rule's hosts have too much of, and what nobody else is to get. Who is over `until` and
  // not the rule's concern (yet) is neither relieved nor given more.
  const capacity = (host: number, side: number) => {
    const concerned = above.hosts.includes(host)
    if (concerned !== (side === 0)) return Number.POSITIVE_INFINITY
    const own = capacityOf(scene, metric, host) * unit
    return concerned ? own : Math.max(own, scene.hosts[metric][host]! / goalLimit)
  }
  const sceneModel = modelOfScene(scene, [metric, metric], guards, capacity)
  const [relief, burden] = sceneModel.resources
  const limit = goalLimit * (1 - 1e-6)
  const goal: BalanceGoal = {
    aim: 'overload',
    metrics: [
      { resource: relief!, weight: 1, enough: 0, limit },
      { resource: burden!, weight: dear, enough: 0, limit: goalLimit },
    ],
    minGain: 1e-4,
    minShare: rule.minGain / Math.max(1, above.hosts.length),
    maxMoves: mostMoves(picture),
    costOf: moveCost,
    costPerMove: 2 * gib,
  }
  const { moves } = balance(sceneModel.model, goal, { movable, ...(mayGoOn ? { mayGoOn } : {}) })
  const text = sayAbove(picture, rule, above)
  const say = (chosen: readonly BalanceMove[], automatic: boolean) =>
    propose(scene, sceneModel, goal, {
      by: rule.id,
      automatic,
      text,
      moves: chosen,
      explain,
      sayMove: (move, along, before, after) => sayMove(rule, scene, move, along, before, after),
    })
  return { moves, say }
}

/** "CPU of esx-1 is 92 %, above 80 % for 5 min 12 s; it is to come under 70 %." */
export function sayAbove(picture: LoadPicture, rule: ThresholdRule, { hosts, since, values }: Above): string {
  const { metric, name, above, until } = rule
  const each = hosts.map((host, i) => {
    const long = since[i]! < picture.at ? ` for ${sayDuration(picture.at - since[i]!)}` : ''
    const wanted = sayWanted(picture, metric, host, values[host]!)
    return `${metricWords[metric]} of ${picture.hosts[host]!.name} is ${sayMetric(metric, values[host]!)}, above ${sayMetric(metric, above)}${long}${wanted}`
  })
  return `Rule "${name}": ${sayList(each)}; it is to come under ${sayMetric(metric, until)}.`
}

/** Whoever compares with the host's chart sees less: what its VMs wait for is in no chart of what it uses. */
function sayWanted(
  { hosts }: LoadPicture,
  metric: ThresholdRule['metric'],
  host: number,
  value: number,
): string {
  const { used, cores } = hosts[host]!
  const share = used.cpu / (cores || 1)
  if (metric !== 'cpu' || value - share < 0.01) return ''
  return ` (${sayMetric(metric, share)} is used, ${sayMetric(metric, value - share)} is waited for)`
}

function sayMove(
  { name, metric }: ThresholdRule,
  scene: Scene,
  { vm, from, to }: BalanceMove,
  along: readonly BalanceMove[],
  before: Scene,
  after: Scene,
): string {
  const { hosts, vms } = scene.picture
  const figure = (of: Scene, host: number) => {
    const capacity = capacityOf(of, metric, host)
    return sayMetric(metric, capacity > 0 ? of.hosts[metric][host]! / capacity : 0)
  }
  const others = along.map((move) => vms[move.vm]!.name)
  const together = others.length > 0 ? `, together with ${sayList(others)},` : ''
  return (
    `Rule "${name}": moving ${vms[vm]!.name} from ${hosts[from]!.name} to ${hosts[to]!.name}${together} takes ` +
    `${metricWords[metric]} of ${hosts[from]!.name} from ${figure(before, from)} to ${figure(after, from)}; ` +
    `${hosts[to]!.name} goes from ${figure(before, to)} to ${figure(after, to)}.`
  )
}

/** Why nothing is moved although it should be, with the first few VMs. */
function sayStuck(
  picture: LoadPicture,
  { metric, until }: ThresholdRule,
  above: Above,
  free: (vm: number) => boolean,
): string {
  const then = measured(picture, metric)
  if (above.hosts.every((host) => then[host]! <= until)) return 'What other rules propose brings it there.'
  const there = [...picture.vms.keys()].filter((vm) => above.hosts.includes(picture.vms[vm]!.at))
  if (there.length === 0) return 'Nothing that Drover manages runs there.'
  if (!there.some(free))
    return `None of the ${there.length} VMs there may be moved now: by the rule's tags, a cooldown, or as they are.`
  return 'No other host could take any of the VMs there without having too much itself.'
}
