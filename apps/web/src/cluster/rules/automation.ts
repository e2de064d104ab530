import { type Cluster, defaultBalanceSettings, defaultPowerSettings, type ThresholdRule } from '@drover/model'
import { api } from '../../api/client'
import type { Tone } from '../../ui/state'

export interface Automation {
  tone: Tone
  word: string
  means: string
  /** Whether anything is decided at all. */
  on: boolean
}

/** How far a cluster goes by itself, taken together. */
export function automationOf(cluster: Cluster, thresholds: readonly ThresholdRule[]): Automation {
  const balance = cluster.balance ?? defaultBalanceSettings
  const power = cluster.power ?? defaultPowerSettings
  const enabled = thresholds.filter((rule) => rule.enabled)
  const looked = balance.mode !== 'off'
  const moves = balance.mode === 'full' || (looked && enabled.some((rule) => rule.automation === 'full'))
  const sleeps = power.mode === 'full'
  const on = looked || power.mode !== 'off'
  if (!on)
    return {
      tone: 'off',
      word: 'automation off',
      means:
        'Nothing is moved, put to sleep or recommended. VMs and hosts keep to the rules below all the same.',
      on,
    }
  if (moves || sleeps) {
    const what = [moves && 'VMs are moved', sleeps && 'hosts are put to sleep and woken']
      .filter(Boolean)
      .join(', ')
    return {
      tone: 'ok',
      word: 'automatic',
      means: `${what[0]!.toUpperCase()}${what.slice(1)} by themselves. Storms, failures and maintenance come first.`,
      on,
    }
  }
  return {
    tone: 'working',
    word: 'recommending',
    means:
      balance.mode === 'partial'
        ? 'VMs start where the load is lowest; all else is recommended and waits for a person.'
        : 'Moves are recommended; nothing happens before a person applies them.',
    on,
  }
}

/** Nothing of the cluster is moved or put to sleep by itself any more: moves first, then power. What is on its way is finished. */
export async function switchOff(cluster: Cluster): Promise<void> {
  const reason = 'All automation switched off.'
  if ((cluster.balance?.mode ?? 'off') !== 'off')
    await api.cluster.changeBalance.mutate({ clusterId: cluster.id, changes: { mode: 'off' }, reason })
  if ((cluster.power?.mode ?? 'off') !== 'off')
    await api.cluster.changePower.mutate({ clusterId: cluster.id, changes: { mode: 'off' }, reason })
}
