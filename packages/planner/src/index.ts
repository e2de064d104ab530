export { type BalanceMove, type BalanceOptions, type BalancePlan, balance } from './balance/balance'
export { type ClusterFile, goalOfClusterFile, modelOfClusterFile, movesByName } from './balance/clusterFile'
export { type BalanceGoal, Loads, type Metric, type Score } from './balance/goal'
export {
  type Explained,
  explain,
  type HostAgainst,
  reasonsOf,
  type WhyNot,
  whyNots,
} from './balance/whyNot'
export {
  type ConsolidationCase,
  consolidationOfModel,
  consolidationOfPicture,
} from './cluster/consolidation'
export { pictureOfExport, type Restored } from './cluster/picture'
export { type ClusterExport, clusterExportSchema } from './cluster/schema'
export { planConsolidation } from './consolidate/consolidate'
export {
  type ConsolidationGoal,
  type ConsolidationHost,
  type ConsolidationInput,
  type ConsolidationMove,
  type ConsolidationPlan,
  type ConsolidationScore,
  type ConsolidationStep,
  type Demand,
  type DemandMetric,
  defaultConsolidation,
  type Standing,
  type StayReason,
  type WakeReason,
} from './consolidate/goal'
export {
  type ConsolidationLimits,
  type ConsolidationPace,
  type ConsolidationTally,
  defaultPace,
  paced,
} from './consolidate/pace'
export { type PowerModel, wattsAt } from './consolidate/power'
export { type AlikeOptions, defaultAlike, levelsAlike, type Shares } from './demand/alike'
export { expectDemand, type PastHours, type RecentUsage } from './demand/expect'
export {
  type BalanceAnswer,
  type BalanceJob,
  type ConsolidateAnswer,
  type ConsolidateJob,
  inputOf,
  type JudgeAnswer,
  type JudgeJob,
  type PlanJob,
  type PlanResult,
  type PowerJob,
  type ResultOf,
  runPlanJob,
} from './job'
export { pictureAfter, pictureDone } from './load/after'
export { type JudgeOptions, judgeLoad } from './load/judge'
export { restMs } from './load/limits'
export { judgePower, type PowerVerdict } from './load/power'
export { whyNotSpared } from './load/powerSpare'
export { whyNoLonger } from './load/recheck'
export {
  capacityOf,
  modelOfScene,
  moveCost,
  type Scene,
  sceneOf,
  scoreOf,
  sharesOf,
  spikingHosts,
} from './load/scene'
export { measured } from './load/watch'
export { type Weighed, weigh } from './load/weigh'
export { Layout, type Reason } from './model/layout'
export {
  buildModel,
  type Model,
  type ModelHost,
  type ModelInput,
  type ModelRule,
  type ModelVm,
  type Resource,
} from './model/model'
export { type Unit, unitOf, unitsOf } from './model/unit'
export { costOf, defaultObjective, type Objective } from './place/objective'
export { type Placed, type PlaceOptions, place } from './place/place'
export { rearrange } from './place/rearrange'
export { search } from './place/search'
export { answerPlan } from './question/answer'
export { type Destination, type Emptied, emptyHosts } from './question/empty'
export type { PlanAnswer, PlanQuestion, QuestionHost, QuestionRule, QuestionVm } from './question/format'
export { protectedOn, type Survival, survives } from './survive/survives'
export { type Tolerance, tolerates } from './survive/tolerates'
