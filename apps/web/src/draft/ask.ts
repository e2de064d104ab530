import type { ClusterId, LoadDraft, LoadRules } from '@drover/model'
import { api } from '../api/client'
import { newThresholdId } from './rules'

/** What is changed of the rules of a cluster; the rest is as it is now. */
export type DraftRules = Partial<Pick<LoadRules, 'balance' | 'power' | 'thresholds'>>

/** As the API takes it: without what Drover keeps among the settings. */
export function asInput({ balance, power, thresholds }: DraftRules) {
  return {
    ...(balance ? { balance: without(balance, ['unevenSince', 'version']) } : {}),
    ...(power ? { power: without(power, ['lowSince', 'version']) } : {}),
    ...(thresholds
      ? {
          thresholds: thresholds.map((rule) => ({
            ...without(rule, ['clusterId', 'aboveSince', 'version', 'createdAt']),
            id: rule.id === newThresholdId ? null : rule.id,
          })),
        }
      : {}),
  }
}

function without<T extends object, K extends keyof T>(row: T, keys: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(row).filter(([key]) => !keys.includes(key as K))) as Omit<T, K>
}

/** What rules that nobody has saved would do now. */
export function askDraft(clusterId: ClusterId, rules: DraftRules): Promise<LoadDraft> {
  return api.cluster.draftRules.query({ clusterId, rules: asInput(rules) })
}

/** What the rules of a cluster hold back now, and whether something comes before all of them. */
export function askNow(clusterId: ClusterId): Promise<Pick<LoadDraft, 'blocked' | 'held'>> {
  return api.cluster.recommendations.query({ clusterId })
}

/** Lets rules decide beside the active ones, moving nothing; takes the place of a shadow that runs already. */
export function beginShadow(clusterId: ClusterId, name: string, rules: DraftRules) {
  return api.shadow.start.mutate({ clusterId, name, rules: asInput(rules) })
}
