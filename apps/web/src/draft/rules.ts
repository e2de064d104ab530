import type { ThresholdId, ThresholdInput, ThresholdRule } from '@drover/model'

/** What a threshold is called that has not been saved yet. */
export const newThresholdId: ThresholdId = 'threshold-0'

/** Whether a proposal is of a threshold that has not been saved: control numbers those where no saved one gets to. */
export function isDrafted(by: string): boolean {
  return by.startsWith('threshold-') && Number(by.slice('threshold-'.length)) >= 1e9
}

/** The thresholds of a cluster with one changed, or a new one among them. */
export function withThreshold(
  rules: readonly ThresholdRule[],
  input: ThresholdInput,
  present: ThresholdRule | undefined,
  now: number,
): ThresholdRule[] {
  const rule: ThresholdRule = {
    ...input,
    name: input.name || 'this threshold',
    id: present?.id ?? newThresholdId,
    aboveSince: present?.aboveSince ?? {},
    version: present?.version ?? 1,
    createdAt: present?.createdAt ?? now,
  }
  return [...rules.filter(({ id }) => id !== rule.id), rule]
}
