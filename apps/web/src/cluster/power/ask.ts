import type { ClusterId, ClusterPower, EnergyLedger, HostPower } from '@drover/model'
import { api } from '../../api/client'

/** What control says of a cluster's power, by host. */
export interface PowerAnswer {
  hosts: ReadonlyMap<string, HostPower>
  /** What is wanted and waits, and for what. */
  held: readonly string[]
  watts: number
  savedWatts: number
  ledger: EnergyLedger
}

export async function askPower(clusterId: ClusterId): Promise<PowerAnswer> {
  const { hosts, ...rest }: ClusterPower = await api.cluster.power.query({ clusterId })
  return { ...rest, hosts: new Map(hosts.map((each) => [each.host.id, each])) }
}
