import {
  type BalanceSettings,
  type LoadMemory,
  type LoadPicture,
  type LoadProposal,
  type LoadRules,
  sayDuration,
  sayList,
  withinWindows,
} from '@drover/model'
import { type BalanceMove, type BalancePlan, balance } from '../balance/balance'
import type { BalanceGoal, Score } from '../balance/goal'
import { pictureAfter } from './after'
import { firstOf, guardsOf, mostMoves, whyFixed, withinBudget } from './limits'
import { type PlanOptions, propose } from './propose'
import { sayFine } from './say'
import { modelOfScene, moveCost, sceneOf, spikingHosts } from './scene'

const gib = 2 ** 30
/** What a move has to better the score by is meant for clusters of so many hosts; one of more hosts betters it by less. */
const meantFor = 4

export interface Evened {
  proposals: LoadProposal[]
  held: string[]
  /** Since when loads have been uneven and moves would help; null: they are not. */
  since: number | null
}

/** What evens out the load, after the hold time; made by itself in rounds of `movesAtOnce`, each worked out afresh. */
export function even(
  picture: LoadPicture,
  rules: LoadRules,
  memory: LoadMemory,
  options: PlanOptions & { holdPassed?: boolean } = {},
): Evened {
  const { balance: settings } = rules
  const { at, vms } = picture
  if (settings.mode === 'off') return { proposals: [], held: [], since: null }
  const over = spikingHosts(picture, rules)
  const free = (vm: number) => whyFixed(vms[vm]!, at, settings.cooldownMs, over.has(vms[vm]!.at)) === null
  const whole = plan(picture, rules, free, options)
  if (whole.moves.length === 0) return { proposals: [], held: [], since: null }
  if (!isWorthwhile(settings, whole.plan)) {
    const held = `${sayUneven(picture, whole.plan.before)} All moves together would better that by less than is worth the disturbance.`
    return { proposals: [], held: [held], since: null }
  }
  const since = memory.unevenSince ?? at
  const text = sayUneven(picture, whole.plan.before)
  if (!options.holdPassed && at - since < settings.holdMs) {
    const held = `${text} It is waited whether that lasts: ${sayDuration(settings.holdMs - (at - since))} more.`
    return { proposals: [], held: [held], since }
  }
  if (settings.mode !== 'full') return { proposals: [whole.say(whole.moves, false)], held: [], since }
  if (!withinWindows(settings.windows, at)) {
    const held = `${text} Moves are made by themselves only at the times that were set.`
    return { proposals: [whole.say(whole.moves, false)], held: [held], since }
  }
  const own = vms.every(({ automation }) => automation === 'full')
  const alone = own
    ? whole
    : plan(picture, rules, (vm) => free(vm) && vms[vm]!.automation === 'full', options)
  const helps = own || (alone.moves.length > 0 && isWorthwhile(settings, alone.plan))
  if (!helps) return { proposals: [whole.say(whole.moves, false)], held: [], since }
  const round = firstOf(alone.moves, settings.movesAtOnce)
  const granted = withinBudget(picture, memory, 'balance', settings.budget, round)
  const held = granted.held ? [`${text} ${granted.held}`] : []
  if (granted.moves.length === 0) return { proposals: [], held, since }
  const proposals = [alone.say(granted.moves, true)]
  if (!own) {
    // What is left for people to agree to, once everything has happened that needs no asking.
    const then = pictureAfter(picture, alone.moves, 'it is being moved already')
    const rest = plan(then, rules, (vm) => free(vm) && !then.vms[vm]!.fixed, options)
    if (rest.moves.length > 0 && isWorthwhile(settings, rest.plan))
      proposals.push(rest.say(rest.moves, false))
  }
  // Another round waits for another hold time.
  return { proposals, held, since: null }
}

interface Planned {
  plan: BalancePlan
  moves: BalanceMove[]
  say: (moves: readonly BalanceMove[], automatic: boolean) => LoadProposal
}

/**
 * What is expected is less than what is wanted now at times: where moves would have a host spike by what its VMs want now, that
 * is what is planned by, or they would be moved away from there again.
 */
function plan(
  picture: LoadPicture,
  rules: LoadRules,
  movable: (vm: number) => boolean,
  options: PlanOptions,
): Planned {
  const spiking = spikingHosts(picture, rules)
  const first = planFor(picture, rules, spiking, movable, options)
  if (spiking.size > 0 || first.moves.length === 0) return first
  const then = spikingHosts(pictureAfter(picture, first.moves, null), rules)
  return then.size > 0 ? planFor(picture, rules, then, movable, options) : first
}

function planFor(
  picture: LoadPicture,
  rules: LoadRules,
  spiking: ReadonlySet<number>,
  movable: (vm: number) => boolean,
  { mayGoOn, explain = true }: PlanOptions,
): Planned {
  const { aim, spread, limit, weights, minGain, minShare } = rules.balance
  const awake = picture.hosts.filter(({ accepts }) => accepts).length
  const part = Math.min(1, meantFor / Math.max(1, awake))
  const scene = sceneOf(picture, rules, spiking)
  const sceneModel = modelOfScene(scene, ['cpu', 'memory'], guardsOf(picture, rules, null))
  const { model, resources } = sceneModel
  const goal: BalanceGoal = {
    aim,
    metrics: (['cpu', 'memory'] as const).map((metric, i) => ({
      resource: resources[i]!,
      weight: weights[metric],
      enough: spread,
      limit,
    })),
    minGain: minGain * part,
    minShare: minShare * part,
    maxMoves: mostMoves(picture),
    costOf: moveCost,
    costPerMove: 2 * gib,
  }
  const found = balance(model, goal, { movable, ...(mayGoOn ? { mayGoOn } : {}) })
  const text = sayUneven(picture, found.before)
  const say = (moves: readonly BalanceMove[], automatic: boolean) =>
    propose(scene, sceneModel, goal, {
      by: 'balance',
      automatic,
      text,
      moves,
      explain,
      sayMove: (move, along) => sayMove(picture, move, along),
    })
  return { plan: found, moves: found.moves, say }
}

/** Whether a plan is worth the disturbance: it betters the score by enough, or takes an overload away. */
function isWorthwhile({ worthwhile }: BalanceSettings, { before, after, moves }: BalancePlan): boolean {
  if (moves.length === 0) return false
  return before.total - after.total >= worthwhile || relieves(before, after)
}

function relieves(before: Score, after: Score): boolean {
  return before.over.some((share, m) => share - after.over[m]! > 0.001)
}

/** How uneven a cluster is, in a sentence. */
function sayUneven({ clusterName }: LoadPicture, { spread: [cpu = 0, memory = 0], over }: Score): string {
  const overloaded = over.some((share) => share > 0) ? ', and a host is overloaded' : ''
  return `The load of ${clusterName} is uneven: CPU ${sayFine(cpu)} and memory ${sayFine(memory)} apart between hosts${overloaded}.`
}

function sayMove(
  { hosts, vms }: LoadPicture,
  { vm, from, to, before, after }: BalanceMove,
  along: readonly BalanceMove[],
): string {
  const source = hosts[from]!.name
  const others = along.map((move) => vms[move.vm]!.name)
  const together = others.length > 0 ? `, together with ${sayList(others)},` : ''
  const over = before.over.some((share, m) => share > after.over[m]! + 1e-9)
  const why = over ? `takes an overload off ${source}` : 'evens out the load'
  const change = (name: string, m: number) =>
    `${name} is ${sayFine(before.spread[m]!)} apart between hosts and ${sayFine(after.spread[m]!)} then`
  return `Balance: moving ${vms[vm]!.name} from ${source} to ${hosts[to]!.name}${together} ${why}: ${change('CPU', 0)}, ${change('memory', 1)}.`
}
