import {
  type LoadMemory,
  type LoadMove,
  type LoadPicture,
  type LoadProposal,
  type LoadRules,
  metricWords,
  sayBytes,
  sayCount,
  sayList,
  sayPercent,
} from '@drover/model'
import { planConsolidation } from '../consolidate/consolidate'
import type { ConsolidationStep } from '../consolidate/goal'
import { Layout } from '../model/layout'
import type { Model } from '../model/model'
import { type Unit, unitOf } from '../model/unit'
import { mostMoves } from './limits'
import {
  enabledRules,
  hourMs,
  type Need,
  needOf,
  type PowerField,
  powerField,
  shareIsKept,
  tightest,
} from './powerField'
import { sayStay } from './powerStay'
import { few, goalOf } from './powerWake'
import { sayPictureRule } from './say'
import { moveInScene, type Scene, sceneOf, scoreOf, sharesOf } from './scene'

type Sleep = ConsolidationStep & { kind: 'sleep' }

export interface Sleeps {
  /** Null: nobody can be spared. */
  proposal: LoadProposal | null
  /** Why each other host that is awake stays so, in words. */
  stays: { host: number; text: string }[]
  /** There was no time to look at all of them. */
  stopped: boolean
}

/** A network of 1 Gbit/s, as it comes out: what a move is expected to take. */
const bytesPerSecond = 110e6

/** At most this share of the hosts that are awake is emptied by one decision, but always one. */
const shareAtOnce = 1 / 8

/** Hosts that nobody needs now or before they would be woken again, where what they run goes, and why the others stay. */
export function sleepsNow(
  picture: LoadPicture,
  rules: LoadRules,
  { moves }: LoadMemory,
  model: Model,
  { explain, mayGoOn }: { explain: boolean; mayGoOn: (() => boolean) | undefined },
): Sleeps {
  const { power } = rules
  const field = powerField(picture, rules, power.wakeAheadMs + power.dwellMs, model)
  const goal = goalOf(rules, power.fillTo / (1 + power.reserve))
  const left = movesLeft(picture, rules, moves)
  // Waking has been judged already.
  const hosts = field.input.hosts.map((host) => ({ ...host, mayWake: false }))
  const plan = planConsolidation(
    { ...field.input, hosts },
    { ...goal, maxMoves: left.moves, maxBytes: left.bytes },
    mayGoOn,
  )
  const awake = new Set(
    [...field.awake.keys()].filter((host) => field.awake[host] && picture.hosts[host]!.accepts),
  )
  const most = Math.max(1, Math.floor(awake.size * shareAtOnce))
  const stays = plan.stays.map(({ host, why }) => ({ host, text: sayStay(picture, rules, host, why) }))
  const chosen: Sleep[] = []
  const up = field.awake.slice()
  for (const step of plan.steps) {
    if (step.kind !== 'sleep') continue
    const { host } = step
    const count = chosen.reduce((sum, one) => sum + one.moves.length, step.moves.length)
    if (chosen.length === most || (chosen.length > 0 && count > mostMoves(picture))) {
      stays.push({ host, text: 'Its turn comes when those before it sleep.' })
      continue
    }
    awake.delete(host)
    up[host] = 0
    const text = whyKept(picture, rules, awake, needOf(picture, { ...field, awake: up }))
    if (text === null) {
      chosen.push(step)
      continue
    }
    awake.add(host)
    up[host] = 1
    // Later ones were planned with this one asleep.
    stays.push({ host, text })
    break
  }
  for (const [host, { standby }] of picture.hosts.entries())
    if (
      standby === 'awake' &&
      !chosen.some((step) => step.host === host) &&
      !stays.some((one) => one.host === host)
    )
      stays.push({
        host,
        text: plan.stopped
          ? 'There was no time to find out whether it could sleep.'
          : 'It is needed for what would be moved there.',
      })
  const proposal = chosen.length > 0 ? proposalOf(picture, rules, field, chosen, explain) : null
  return { proposal, stays, stopped: plan.stopped }
}

/** Why a host stays that could be emptied, with only these left awake and so much needed of them; null: it need not. */
function whyKept(
  picture: LoadPicture,
  rules: LoadRules,
  awake: ReadonlySet<number>,
  need: Need,
): string | null {
  const { minAwake, wakeAbove } = rules.power
  if (awake.size < minAwake)
    return `At least ${sayCount(minAwake, 'host')} of ${picture.clusterName} stay awake.`
  if (!shareIsKept(picture, rules, (one) => awake.has(one)))
    return `Without it, less than ${sayPercent(rules.admission.reservedShare)} of the memory would be free for failures.`
  // What is expected may be less than what is wanted now: it would be woken again at once.
  const { metric, share } = tightest(need)
  if (share > wakeAbove)
    return `Without it, ${sayPercent(share)} of the ${metricWords[metric]} of the others would be needed; hosts are woken above ${sayPercent(wakeAbove)}.`
  return null
}

/** What the cluster's budget of moves leaves of this hour. */
function movesLeft({ at }: LoadPicture, { balance }: LoadRules, moves: LoadMemory['moves']) {
  const { movesPerHour, bytesPerHour } = balance.budget
  const lately = moves.filter((move) => at - move.at < hourMs)
  const used = lately.reduce((sum, { bytes }) => sum + bytes, 0)
  return {
    moves: movesPerHour === null ? Number.POSITIVE_INFINITY : Math.max(0, movesPerHour - lately.length),
    bytes: bytesPerHour === null ? Number.POSITIVE_INFINITY : Math.max(0, bytesPerHour - used),
  }
}

function proposalOf(
  picture: LoadPicture,
  rules: LoadRules,
  field: PowerField,
  steps: Sleep[],
  explain: boolean,
): LoadProposal {
  const { model } = field.input
  const layout = new Layout(model)
  for (const [host, awake] of field.awake.entries()) if (!awake) layout.accepts[host] = 0
  for (const { host } of steps) layout.accepts[host] = 0
  const scene = sceneOf(picture, rules)
  const before = scoreOf(scene)
  const shares = picture.hosts.map((_, host) => sharesOf(scene, host))
  const until = neededAt(picture, rules, field, steps)
  const moves: LoadMove[] = []
  const sleep: LoadProposal['sleep'] = []
  let score = before
  let number = 0
  for (const { host, moves: planned, savedWatts } of steps) {
    const { name } = picture.hosts[host]!
    for (const group of groupsOf(field, planned)) {
      const unit = unitOf(
        model,
        group.map(({ vm }) => vm),
      )
      const against = explain ? againstOf(picture, rules, layout, unit, host, group[0]!.to, scene) : []
      layout.take(unit)
      layout.put(unit, group[0]!.to)
      for (const { vm, from, to } of group) moveInScene(scene, vm, from, to)
      const after = scoreOf(scene)
      for (const { vm, from, to, bytes } of group) {
        const seconds = Math.max(1, Math.round(bytes / bytesPerSecond))
        const text = `${picture.vms[vm]!.name} goes to ${picture.hosts[to]!.name}, so that ${name} can sleep.`
        moves.push({ vm, from, to, step: number, bytes, seconds, before: score, after, text, against })
      }
      score = after
      number += 1
    }
    const count = sayCount(planned.length, 'VM')
    const gone =
      planned.length === 0 ? 'It runs nothing' : `${count} ${planned.length === 1 ? 'moves' : 'move'} away`
    const text = `${name} is not needed: ${gone}, and the hosts that stay awake have room for all and for failures. That saves about ${Math.round(savedWatts)} W.`
    sleep.push({ host, text, until })
  }
  const asleep = new Set(steps.map(({ host }) => host))
  const hosts = picture.hosts.map((host, i) =>
    asleep.has(i) ? { ...host, standby: 'asleep' as const } : host,
  )
  const names = sleep.map(({ host }) => picture.hosts[host]!.name)
  const text = `${sayList(few(names))} ${names.length === 1 ? 'is' : 'are'} not needed: the others carry the load below ${sayPercent(rules.power.fillTo)}.`
  return {
    by: 'power',
    automatic: rules.power.mode === 'full',
    text,
    moves,
    sleep,
    wake: [],
    before,
    after: scoreOf({ ...scene, picture: { ...picture, hosts } }),
    hosts: shares.map((share, host) => ({ before: share, after: sharesOf(scene, host) })),
  }
}

/** For every host that they do not go to, the first reason why not. */
function againstOf(
  picture: LoadPicture,
  rules: LoadRules,
  layout: Layout,
  unit: Unit,
  from: number,
  to: number,
  scene: Scene,
): LoadMove['against'] {
  return picture.hosts.flatMap(({ standby, closed }, host) => {
    if (host === to || host === from) return []
    const [reason] = layout.whyNot(unit, host)
    if (standby !== 'awake') return [{ host, text: standby === 'waking' ? 'is waking up' : 'sleeps' }]
    switch (reason?.code) {
      case 'closed':
        return [{ host, text: closed ?? 'is to sleep as well' }]
      case 'ineligible':
        return [{ host, text: 'could not run it as it is: disks, networks, CPU or storage differ' }]
      case 'short':
        return [{ host, text: `${sayBytes(reason.needed - Math.max(0, reason.free))} of memory short` }]
      case 'rule':
        return [
          { host, text: `a rule forbids it: ${sayPictureRule(picture, enabledRules(rules)[reason.rule]!)}` },
        ]
      default: {
        const { cpu, memory } = sharesOf(scene, host)
        const used = `${sayPercent(cpu)} of its CPU and ${sayPercent(memory)} of its memory are in use`
        return [{ host, text: `has less room left for what may come: ${used}` }]
      }
    }
  })
}

/** VMs that share a host by a rule go together. */
function groupsOf({ input: { model } }: PowerField, moves: Sleep['moves']): Sleep['moves'][] {
  const groups: Sleep['moves'][] = []
  for (const move of moves) {
    const last = groups.at(-1)
    const group = model.groupOf[move.vm]!
    if (last && group >= 0 && model.groupOf[last[0]!.vm] === group) last.push(move)
    else groups.push([move])
  }
  return groups
}

/** When, by its own past, the cluster will need more than the hosts that stay awake should carry; null: not within what is known. */
function neededAt(picture: LoadPicture, rules: LoadRules, field: PowerField, steps: Sleep[]): number | null {
  const asleep = new Set(steps.map(({ host }) => host))
  const cores = picture.hosts.reduce(
    (sum, host, i) => sum + (field.awake[i] && host.accepts && !asleep.has(i) ? host.cores : 0),
    0,
  )
  const first = Math.floor(picture.at / hourMs)
  const known = Math.max(0, ...picture.vms.map(({ demand }) => demand.aheadCpu?.length ?? 0))
  for (let hour = 0; hour < known; hour += 1) {
    const need = picture.vms.reduce((sum, { demand }) => sum + (demand.aheadCpu?.[hour] ?? demand.cpu), 0)
    if (need > rules.power.wakeAbove * cores)
      return Math.max(picture.at, (first + hour) * hourMs - rules.power.wakeAheadMs)
  }
  return null
}
