import {
  type Cluster,
  type DecidedBy,
  isOpenDecision,
  type LoadDecision,
  type LoadMemory,
  type LoadPicture,
  type LoadProposal,
  type LoadRules,
  type LoadVerdict,
  refOf,
  sayBalance,
  sayPower,
  sayThreshold,
  type World,
} from '@drover/model'
import { failures, unrest } from '../balance/calm'
import { balanceOf } from '../balance/settings'
import type { Context } from '../context'
import { accept, type Decision } from '../decision'
import { mayWake } from '../host/wake'
import { Changes } from '../world/changes'
import { numberOf } from '../world/find'
import { put } from '../world/rows'
import { beginNext } from './carry'
import { endDecision } from './end'
import { packInputs } from './inputs'
import { loadMemory, noteMemory } from './memory'
import { loadPicture } from './picture'
import { loadRules, sameRules, thresholdsOf } from './rules'

/** A recommendation that still stands is not written anew more often than this, however loads swing. */
const renewMs = 600_000
/** What somebody did not want is not recommended again for so long. */
const dismissedMs = 3_600_000

/** So many characters of inputs are kept for the decisions of a cluster. */
const keptChars = 64 * 1024 ** 2

/** What was judged, from what. */
export interface Judged {
  clusterId: string
  picture: LoadPicture
  rules: LoadRules
  memory: LoadMemory
  verdict: LoadVerdict
  /** Nothing was planned, because something else came first. */
  watchOnly: boolean
}

/** Whether the load of a cluster is anybody's business at all. */
export function looksAfterLoad(world: World, cluster: Cluster): boolean {
  if (balanceOf(cluster).mode !== 'off' || balanceOf(cluster).unevenSince !== null) return true
  if ((cluster.power?.mode ?? 'off') !== 'off') return true
  for (const host of world.tables.host.values())
    if (host.clusterId === cluster.id && host.mode === 'standby') return true
  if (thresholdsOf(world, cluster.id).some(({ aboveSince }) => Object.keys(aboveSince).length > 0))
    return true
  return openDecisions(world, cluster).length > 0
}

/** What rules are asked about a cluster now; null: it is not known yet what its hosts use. */
export function loadQuestion(world: World, cluster: Cluster, now: number): Omit<Judged, 'verdict'> | null {
  const rules = loadRules(world, cluster)
  const whole = loadPicture(world, cluster, rules, now)
  // What one host does not say keeps everybody where he is, and nobody asleep who is needed.
  const picture = whole ?? loadPicture(world, cluster, rules, now, { unheard: 'close' })
  if (!picture) return null
  const busy = openDecisions(world, cluster).some(({ state }) => state === 'running')
  const watchOnly = !whole || busy || unrest(world, cluster, now) !== null
  return { clusterId: cluster.id, picture, rules, memory: loadMemory(world, cluster, now), watchOnly }
}

/**
 * Turns a verdict into decisions: what may be done without asking is begun, the rest recommended. The world has gone on since
 * it was judged: what no longer fits is left out, and worked out afresh at the next look.
 */
export function decideVerdict(world: World, judged: Judged, ctx: Context): Decision {
  const changes = new Changes(world, ctx)
  const cluster = world.tables.cluster.get(judged.clusterId)
  if (!cluster || !sameRules(judged.rules, loadRules(world, cluster))) return accept([], null)
  const { verdict, watchOnly } = judged
  const said = (by: string) =>
    verdict.proposals.find((one) => one.by === by)?.text ??
    verdict.held.find((one) => one.by === by)?.text ??
    null
  noteMemory(changes, cluster, rememberedOf(world, cluster, judged, ctx.now), {
    uneven: said('balance'),
    low: said('power'),
    above: said,
  })
  const wakes = verdict.proposals.filter(({ wake }) => wake.length > 0)
  for (const proposal of wakes) wake(changes, cluster, judged, proposal)
  const calm = !watchOnly && unrest(world, cluster, ctx.now) === null
  const running = openDecisions(world, cluster).some(({ state }) => state === 'running')
  if (!calm || running) return accept(changes.events, null)
  const others = verdict.proposals.filter(
    (proposal) => !wakes.includes(proposal) && !wasRefused(world, cluster, proposal, judged, ctx.now),
  )
  const first = others.find(({ automatic }) => automatic)
  if (first) begin(changes, cluster, judged, first)
  recommend(
    changes,
    cluster,
    judged,
    others.filter(({ automatic }) => !automatic),
  )
  return accept(changes.events, null)
}

/**
 * As it is to be remembered. While somebody works in the cluster nothing is planned, and what lasts is counted on: where many
 * work, there would never be a hold time without any task.
 */
function rememberedOf(world: World, cluster: Cluster, judged: Judged, now: number): LoadMemory {
  const { verdict, memory, watchOnly } = judged
  const running = openDecisions(world, cluster).some(({ state }) => state === 'running')
  if (!watchOnly || running || verdict.proposals.length > 0 || failures(world, cluster, now) !== null)
    return verdict.memory
  return { ...verdict.memory, unevenSince: memory.unevenSince, lowSince: memory.lowSince }
}

/** Whether a host that it would put to sleep was only just refused that: it is not asked for again and again. */
function wasRefused(
  world: World,
  cluster: Cluster,
  { sleep }: LoadProposal,
  { picture }: Judged,
  now: number,
): boolean {
  const wanted = new Set<string>(sleep.map(({ host }) => picture.hosts[host]!.id))
  for (const { clusterId, endedAt, power } of world.tables.decision.values())
    if (clusterId === cluster.id && endedAt !== null && now - endedAt < renewMs)
      for (const { act, host, state } of power)
        if (act === 'sleep' && state === 'dropped' && wanted.has(host.id)) return true
  return false
}

/**
 * Hosts are woken at once, whatever else is under way; one that is being woken already needs no second decision, and one that
 * is just going down is woken when it is.
 */
function wake(changes: Changes, cluster: Cluster, judged: Judged, proposal: LoadProposal): void {
  const underWay = new Set(
    openDecisions(changes.world, cluster).flatMap(({ power }) =>
      power.flatMap(({ host, act, state }) =>
        act === 'wake' && (state === 'open' || state === 'running') ? [host.id] : [],
      ),
    ),
  )
  const wanted = proposal.wake.filter(({ host: index }) => {
    const host = changes.world.tables.host.get(judged.picture.hosts[index]!.id)
    return host && !underWay.has(host.id) && mayWake(changes.world, host)
  })
  if (wanted.length > 0) begin(changes, cluster, judged, { ...proposal, wake: wanted })
}

/** Begins without asking. What is refused at once was not to be: the next look plans afresh. */
function begin(changes: Changes, cluster: Cluster, judged: Judged, proposal: LoadProposal): void {
  const asked = draftOf(changes.world, cluster, judged, proposal, true)
  for (const old of openDecisions(changes.world, cluster))
    if (old.state === 'open' && old.by.id === proposal.by)
      endDecision(changes, old, 'superseded', 'It is done without asking by now.')
  beginNext(changes, made(changes, cluster, judged, asked))
}

/** Keeps the recommendations of a cluster as they should be: one by each rule, that still fits. */
function recommend(
  changes: Changes,
  cluster: Cluster,
  judged: Judged,
  proposals: readonly LoadProposal[],
): void {
  const { world, now } = changes
  const open = openDecisions(world, cluster).filter(({ state }) => state === 'open')
  for (const old of open) {
    const still = proposals.find(({ by }) => by === old.by.id)
    if (still) {
      const fresh = draftOf(world, cluster, judged, still, false)
      if (sameParts(old, fresh)) continue
      if (fits(world, old) && now - old.at < renewMs) continue
      endDecision(changes, old, 'superseded', 'Loads are others by now; what helps was worked out afresh.')
      if (!wasDismissed(world, fresh, now)) made(changes, cluster, judged, fresh)
    } else if (!isWaited(judged, old.by.id) || !fits(world, old))
      endDecision(changes, old, 'superseded', 'It is no longer needed, or no longer possible.')
  }
  for (const proposal of proposals) {
    if (open.some(({ by }) => by.id === proposal.by)) continue
    const fresh = draftOf(world, cluster, judged, proposal, false)
    if (!wasDismissed(world, fresh, now)) made(changes, cluster, judged, fresh)
  }
}

/** Whether the rule still sees what it acts on, and only waits whether it lasts. */
function isWaited({ verdict: { memory } }: Judged, by: string): boolean {
  if (by === 'balance') return memory.unevenSince !== null
  if (by === 'power') return memory.lowSince !== null
  return Object.keys(memory.aboveSince[by] ?? {}).length > 0
}

/** Whether everything that it speaks of is still where it was. */
function fits(world: World, { moves, power }: LoadDecision): boolean {
  const there = moves
    .filter(({ state }) => state === 'open')
    .every(({ vm, source }) => world.tables.vm.get(vm.id)?.hostId === source.id)
  return (
    there && power.every(({ host }) => world.tables.host.get(host.id as `host-${number}`)?.mode === 'normal')
  )
}

function sameParts(a: Draft, b: Draft): boolean {
  const key = ({ moves, power }: Draft) =>
    JSON.stringify([
      moves
        .filter(({ state }) => state === 'open')
        .map(({ vm, target }) => `${vm.id} ${target.id}`)
        .sort(),
      power.map(({ host, act }) => `${host.id} ${act}`).sort(),
    ])
  return key(a) === key(b)
}

/** Whether somebody has lately said no to all of it, under the same version of the rule. */
function wasDismissed(world: World, { by, clusterId, moves, power }: Draft, now: number): boolean {
  const refused = [...world.tables.decision.values()].filter(
    (row) =>
      row.state === 'dismissed' &&
      row.clusterId === clusterId &&
      row.by.id === by.id &&
      row.by.version === by.version &&
      now - (row.endedAt ?? row.at) < dismissedMs,
  )
  const vms = new Set(refused.flatMap((row) => row.moves.map(({ vm }) => vm.id)))
  const hosts = new Set(refused.flatMap((row) => row.power.map(({ host }) => host.id)))
  return (
    moves.length + power.length > 0 &&
    moves.every(({ vm }) => vms.has(vm.id)) &&
    power.every(({ host }) => hosts.has(host.id))
  )
}

/** Decisions of a cluster that have not ended, oldest first. */
export function openDecisions(world: World, cluster: Pick<Cluster, 'id'>): LoadDecision[] {
  return [...world.tables.decision.values()]
    .filter((row) => row.clusterId === cluster.id && isOpenDecision(row))
    .sort((a, b) => numberOf(a.id) - numberOf(b.id))
}

/** A decision as it would be written down, but for its number and for what it was made from, which is large. */
type Draft = Omit<LoadDecision, 'id' | 'at' | 'inputs'>

function made(
  changes: Changes,
  cluster: Cluster,
  { picture, rules, memory }: Judged,
  draft: Draft,
): LoadDecision {
  const id = changes.ctx.ids.next('decision')
  const row = { ...draft, id, at: changes.now, inputs: packInputs({ picture, rules, memory }) }
  const { automatic, text } = row
  const decision = { id: row.id, name: row.by.name }
  changes.say({ kind: 'decision.made', decision, cluster: refOf(cluster), automatic, text }, [
    put('decision', row),
    ...forgotten(changes, cluster, row).map((old) => put('decision', { ...old, inputs: '' })),
  ])
  return row
}

/** Older decisions whose inputs are too much to be kept beside the newer ones: of large clusters they take megabytes each. */
function forgotten(changes: Changes, cluster: Cluster, row: LoadDecision): LoadDecision[] {
  let kept = row.inputs.length
  return [...changes.world.tables.decision.keys()]
    .flatMap((id) => changes.get('decision', id) ?? [])
    .filter(({ clusterId, inputs }) => clusterId === cluster.id && inputs !== '')
    .sort((a, b) => numberOf(b.id) - numberOf(a.id))
    .filter(({ inputs }) => {
      kept += inputs.length
      return kept > keptChars
    })
}

function draftOf(
  world: World,
  cluster: Cluster,
  { picture, rules }: Judged,
  proposal: LoadProposal,
  automatic: boolean,
): Draft {
  const host = (i: number) => refOf(picture.hosts[i]!)
  const nothing = { state: 'open', why: null, taskId: null } as const
  return {
    clusterId: cluster.id,
    by: decidedBy(world, cluster, rules, proposal.by),
    automatic,
    state: automatic ? 'running' : 'open',
    person: null,
    endedAt: null,
    text: proposal.text,
    before: proposal.before,
    after: proposal.after,
    hosts: proposal.hosts.map((shares, i) => ({ host: host(i), ...shares })),
    moves: proposal.moves.map(({ vm, from, to, against, ...move }) => ({
      ...move,
      ...nothing,
      vm: refOf(picture.vms[vm]!),
      source: host(from),
      target: host(to),
      against: against.map((one) => ({ host: host(one.host), text: one.text })),
    })),
    power: [
      ...proposal.wake.map((one) => ({
        ...nothing,
        host: host(one.host),
        act: 'wake' as const,
        text: one.text,
        until: null,
      })),
      ...proposal.sleep.map((one) => ({
        ...nothing,
        host: host(one.host),
        act: 'sleep' as const,
        text: one.text,
        until: one.until,
      })),
    ],
  }
}

function decidedBy(world: World, cluster: Cluster, rules: LoadRules, by: string): DecidedBy {
  const nameOf = (id: string) => world.tables.host.get(id)?.name ?? 'a host that is gone'
  if (by === 'balance')
    return {
      id: by,
      name: `Balance of ${cluster.name}`,
      version: rules.balance.version,
      text: sayBalance(rules.balance),
    }
  if (by === 'power')
    return {
      id: by,
      name: `Power saving of ${cluster.name}`,
      version: rules.power.version,
      text: sayPower(rules.power, nameOf),
    }
  const rule = rules.thresholds.find(({ id }) => id === by)!
  return { id: by, name: rule.name, version: rule.version, text: sayThreshold(rule, nameOf) }
}
