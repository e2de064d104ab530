export { askDraft, askRecommendations, named, nameOfRule } from './advice'
export { type Applied, decideApply, decideDismiss } from './answer'
export { decideChangeAutomation } from './automation'
export { carriesOn, decideCarryOn } from './carry'
export { loadConflicts, settingConflicts, thresholdConflicts } from './conflicts'
export { decideVerdict, type Judged, loadQuestion, looksAfterLoad, openDecisions } from './decide'
export { type LoadRulesDraft, rulesOfDraft } from './draft'
export { type DecisionInputs, packInputs, unpackInputs } from './inputs'
export { loadMemory } from './memory'
export { loadPicture } from './picture'
export { askReplay } from './replay'
export { loadRules, sameRules, thresholdsOf } from './rules'
export {
  decideThresholdChange,
  decideThresholdCreate,
  decideThresholdDelete,
  sayThresholdOf,
  thresholdsWithout,
} from './threshold'
export { checkBudget, checkWindows } from './validate'
export { whyNot } from './whyNot'
