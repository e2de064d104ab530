import type {
  Cluster,
  LoadRules,
  Refusal,
  Rule,
  RuleInput,
  ThresholdInput,
  ThresholdRule,
  World,
} from '@drover/model'
import { type BalanceChanges, changedBalance, checkBalance } from '../balance/change'
import { changedPower, checkPowerSettings, type PowerChanges } from '../power/change'
import { loadRules } from './rules'
import { checkThreshold } from './validate'

/** Rules that somebody is writing: what is left out is as it is now. */
export interface LoadRulesDraft {
  balance?: BalanceChanges
  power?: PowerChanges
  /** All thresholds; those with the id of one that there is take its place. */
  thresholds?: (Omit<ThresholdInput, 'clusterId'> & { id?: string | null })[]
  /** All rules about placement. */
  rules?: (Omit<RuleInput, 'clusterId'> & { id?: string | null })[]
}

/** The whole set that a draft comes to, and everything that is not well formed in it. */
export function rulesOfDraft(
  world: World,
  cluster: Cluster,
  draft: LoadRulesDraft,
): { rules: LoadRules; refusals: Refusal[] } {
  const now = loadRules(world, cluster)
  const refusals: Refusal[] = []
  const within = (field: string, found: readonly Refusal[]) => {
    for (const refusal of found)
      refusals.push(refusal.code === 'invalid' ? { ...refusal, field: `${field}.${refusal.field}` } : refusal)
  }
  const balance = changedBalance(now.balance, draft.balance ?? {})
  within('balance', checkBalance(balance))
  const power = changedPower(now.power, draft.power ?? {})
  if (draft.power) within('power', checkPowerSettings(world, cluster, power))
  const thresholds = draft.thresholds?.map((input, i): ThresholdRule => {
    const old = now.thresholds.find(({ id }) => id === input.id)
    const { id: _, ...fields } = input
    const asked: ThresholdInput = { ...fields, clusterId: cluster.id }
    const found = checkThreshold(world, asked, old)
    // A name may be taken by one that the draft leaves out.
    within(
      `thresholds.${i}`,
      found.filter(({ code }) => code !== 'name_taken'),
    )
    return {
      ...asked,
      // Numbers of rules to be begin where nobody gets to.
      id: old?.id ?? `threshold-${1e9 + i}`,
      aboveSince: old?.aboveSince ?? {},
      version: old?.version ?? 0,
      createdAt: old?.createdAt ?? 0,
    }
  })
  const rules = draft.rules?.map((input, i): Rule => {
    const old = now.rules.find(({ id }) => id === input.id)
    const { id: _, ...fields } = input
    return {
      ...fields,
      clusterId: cluster.id,
      id: old?.id ?? `rule-${1e9 + i}`,
      version: old?.version ?? 0,
      createdAt: old?.createdAt ?? 0,
    }
  })
  return {
    rules: {
      ...now,
      balance,
      power,
      thresholds: thresholds ?? now.thresholds,
      rules: rules ?? now.rules,
    },
    refusals,
  }
}
