import { type BalanceSettings, type Cluster, defaultBalanceSettings } from '@drover/model'

/** How a cluster is balanced; one that says nothing is not. */
export function balanceOf(cluster: Pick<Cluster, 'balance'>): BalanceSettings {
  return cluster.balance ?? defaultBalanceSettings
}
