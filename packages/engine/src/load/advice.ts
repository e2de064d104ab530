import {
  type Cluster,
  type LoadAdvice,
  type LoadDraft,
  type LoadPicture,
  type LoadProposal,
  type LoadRules,
  type LoadVerdict,
  type Recommendations,
  refOf,
  type World,
} from '@drover/model'
import { type JudgeJob, sceneOf, scoreOf, sharesOf } from '@drover/planner'
import { unrest } from '../balance/calm'
import { balanceOf } from '../balance/settings'
import { type Asked, judgeJob } from './asked'
import { loadConflicts } from './conflicts'
import { loadMemory } from './memory'
import { loadPicture } from './picture'
import { loadRules } from './rules'

type Recommended = Recommendations & Pick<LoadDraft, 'proposals' | 'held'>

const unheard = 'It is not known yet what every host uses.'

/** What a rule is called: `balance` and `power` by their cluster. */
export function nameOfRule(cluster: Pick<Cluster, 'name'>, rules: LoadRules, by: string): string {
  if (by === 'balance') return `Balance of ${cluster.name}`
  if (by === 'power') return `Power saving of ${cluster.name}`
  return rules.thresholds.find(({ id }) => id === by)?.name ?? 'A rule that is gone'
}

/** What these rules would do in a cluster now, whether or not they are switched on, and what conflicts among them. */
export function askDraft(
  world: World,
  clusterId: string,
  rules: LoadRules,
  now: number,
): Asked<JudgeJob, LoadDraft> {
  const cluster = world.tables.cluster.get(clusterId)!
  const conflicts = loadConflicts(world, cluster, rules)
  const picture = loadPicture(world, cluster, rules, now)
  const nothing = { blocked: unheard, proposals: [], held: [], conflicts }
  if (!picture) return { job: null, answer: () => nothing }
  const blocked = unrest(world, cluster, now)
  return {
    job: judgeJob(picture, rules, loadMemory(world, cluster, now)),
    answer: (result) =>
      result ? { blocked, ...named(cluster, picture, rules, result.verdict), conflicts } : nothing,
  }
}

/** A verdict with names instead of indexes. */
export function named(
  cluster: Pick<Cluster, 'name'>,
  picture: LoadPicture,
  rules: LoadRules,
  verdict: LoadVerdict,
): Pick<LoadDraft, 'proposals' | 'held'> {
  const nameOf = (by: string) => nameOfRule(cluster, rules, by)
  return {
    proposals: verdict.proposals.map((proposal) => advice(picture, proposal, nameOf(proposal.by))),
    held: verdict.held.map(({ by, text }) => ({ by, name: nameOf(by), text })),
  }
}

function advice(picture: LoadPicture, proposal: LoadProposal, name: string): LoadAdvice {
  const host = (i: number) => refOf(picture.hosts[i]!)
  const { by, automatic, text, before, after } = proposal
  return {
    by,
    name,
    automatic,
    text,
    before,
    after,
    hosts: proposal.hosts.map((shares, i) => ({ host: host(i), ...shares })),
    moves: proposal.moves.map(({ vm, from, to, against, ...move }) => ({
      ...move,
      vm: refOf(picture.vms[vm]!),
      source: host(from),
      target: host(to),
      against: against.map((one) => ({ host: host(one.host), text: one.text })),
    })),
    sleep: proposal.sleep.map((one) => ({ ...one, host: host(one.host) })),
    wake: proposal.wake.map((one) => ({ ...one, host: host(one.host) })),
  }
}

/**
 * What would be moved now, whether or not the cluster moves anything by itself, as if hold times had passed. A cluster that is not
 * balanced is asked about as if moves were recommended. Changes nothing.
 */
export function askRecommendations(
  world: World,
  clusterId: string,
  now: number,
): Asked<JudgeJob, Recommended> {
  const cluster = world.tables.cluster.get(clusterId)!
  const settings = balanceOf(cluster)
  const rules: LoadRules = {
    ...loadRules(world, cluster),
    balance: { ...settings, mode: settings.mode === 'off' ? 'manual' : settings.mode, movesAtOnce: 200 },
  }
  const nothing = { total: 0, cpu: 0, memory: 0 }
  const empty = { score: nothing, scoreAfter: nothing, hosts: [], moves: [], proposals: [], held: [] }
  const picture = loadPicture(world, cluster, rules, now)
  if (!picture) return { job: null, answer: () => ({ ...empty, blocked: unheard }) }
  const blocked = unrest(world, cluster, now)
  return {
    job: judgeJob(picture, rules, loadMemory(world, cluster, now)),
    answer: (result) =>
      result ? recommended(cluster, picture, rules, result.verdict, blocked) : { ...empty, blocked: unheard },
  }
}

function recommended(
  cluster: Cluster,
  picture: LoadPicture,
  rules: LoadRules,
  verdict: LoadVerdict,
  blocked: string | null,
): Recommended {
  const { proposals, held } = named(cluster, picture, rules, verdict)
  const first = proposals[0]
  const last = proposals.at(-1)
  const { cpu, memory } = rules.balance.weights
  const score = (of: { cpu: number; memory: number }) => ({
    total: (of.cpu * cpu + of.memory * memory) / (cpu + memory),
    cpu: of.cpu,
    memory: of.memory,
  })
  const scene = sceneOf(picture, rules)
  const before = first?.before ?? scoreOf(scene)
  return {
    blocked,
    score: score(before),
    scoreAfter: score(last?.after ?? before),
    hosts: picture.hosts.map((one, i) => ({
      host: refOf(one),
      before: first?.hosts[i]?.before ?? sharesOf(scene, i),
      after: last?.hosts[i]?.after ?? sharesOf(scene, i),
    })),
    moves: proposals.flatMap(({ moves }) =>
      moves.map((move) => ({
        vm: move.vm,
        source: move.source,
        target: move.target,
        step: move.step,
        before: score(move.before),
        after: score(move.after),
        memoryBytes: move.bytes,
        reason: move.text,
        whyNot: move.against.map(({ host, text }) => ({ host, reason: text })),
      })),
    ),
    proposals,
    held,
  }
}
