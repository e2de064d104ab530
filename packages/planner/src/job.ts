import type { LoadMemory, LoadPicture, LoadRules, LoadVerdict } from '@drover/model'
import { type BalancePlan, balance } from './balance/balance'
import type { BalanceGoal } from './balance/goal'
import { type Explained, explain } from './balance/whyNot'
import { planConsolidation } from './consolidate/consolidate'
import type { ConsolidationGoal, ConsolidationInput, ConsolidationPlan } from './consolidate/goal'
import { judgeLoad } from './load/judge'
import { judgePower, type PowerVerdict } from './load/power'
import { buildModel, type Model, type ModelInput } from './model/model'

/** Which moves even out the load, or take overloads away. */
export interface BalanceJob {
  kind: 'balance'
  input: ModelInput
  goal: BalanceGoal
  /** By VM: 1 where it may be moved; null: all that run. */
  movable: Uint8Array | null
  /** Also the first reason why not, for every host that was not chosen. */
  explain: boolean
  /** Stop with what is found by then. Null: take the time it takes. */
  budgetMs: number | null
}

export interface BalanceAnswer {
  kind: 'balance'
  plan: BalancePlan
  /** Read by `reasonsOf`; null where nobody asked. */
  explained: Explained | null
}

/** Which hosts are woken, relieved, emptied and switched off. */
export interface ConsolidateJob {
  kind: 'consolidate'
  input: ModelInput
  /** The rest of what consolidation is asked about. */
  about: Omit<ConsolidationInput, 'model'>
  goal: ConsolidationGoal
  budgetMs: number | null
}

export interface ConsolidateAnswer {
  kind: 'consolidate'
  plan: ConsolidationPlan
}

/** What a cluster's rules want done about its load. */
export interface JudgeJob {
  kind: 'judge'
  picture: LoadPicture
  rules: LoadRules
  memory: LoadMemory
  /** Only keeps count: moves would be of no use now. */
  watchOnly: boolean
  /** As if every hold time had passed. */
  holdPassed: boolean
  budgetMs: number | null
}

export interface JudgeAnswer {
  kind: 'judge'
  verdict: LoadVerdict
}

/** Who has to be awake in a cluster and who could sleep, as if every hold time had passed. */
export interface PowerJob extends Pick<JudgeJob, 'picture' | 'rules' | 'memory' | 'budgetMs'> {
  kind: 'power'
}

export interface PowerAnswer {
  kind: 'power'
  verdict: PowerVerdict
}

/**
 * Something to be planned, as plain data: it may be handed to another thread and the answer handed back. The answer speaks
 * of hosts and VMs by their index in `input`; whoever asked checks it against the world as it is by then.
 */
export type PlanJob = BalanceJob | ConsolidateJob | JudgeJob | PowerJob
export type PlanResult = BalanceAnswer | ConsolidateAnswer | JudgeAnswer | PowerAnswer
export type ResultOf<J extends PlanJob> = Extract<PlanResult, { kind: J['kind'] }>

/** Plans. The same job gives the same answer, as long as `mayGoOn` says yes: who has a clock holds it to `budgetMs`. */
export function runPlanJob<J extends PlanJob>(job: J, mayGoOn?: () => boolean): ResultOf<J>
export function runPlanJob(job: PlanJob, mayGoOn?: () => boolean): PlanResult {
  if (job.kind === 'judge') {
    const { picture, rules, memory, holdPassed, watchOnly } = job
    const options = { holdPassed, watchOnly, ...(mayGoOn ? { mayGoOn } : {}) }
    return { kind: job.kind, verdict: judgeLoad(picture, rules, memory, options) }
  }
  if (job.kind === 'power') {
    const { picture, rules, memory } = job
    const options = { holdPassed: true, ...(mayGoOn ? { mayGoOn } : {}) }
    return { kind: job.kind, verdict: judgePower(picture, rules, memory, options) }
  }
  const model = buildModel(job.input)
  if (job.kind === 'consolidate')
    return { kind: job.kind, plan: planConsolidation({ ...job.about, model }, job.goal, mayGoOn) }
  const { goal, movable } = job
  const plan = balance(model, goal, {
    ...(movable ? { movable: (vm: number) => movable[vm] === 1 } : {}),
    ...(mayGoOn ? { mayGoOn } : {}),
  })
  return { kind: job.kind, plan, explained: job.explain ? explain(model, goal, plan) : null }
}

/** What a model was built from: what a job carries. */
export function inputOf({ resources, hosts, vms, rules }: Model): ModelInput {
  return { resources, hosts, vms, rules }
}
