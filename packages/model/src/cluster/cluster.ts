import type { BalanceSettings } from '../balance/settings'
import type { HaSettings } from '../ha/settings'
import type { ClusterId, DatacenterId, HostId, TokenId } from '../id'
import type { PowerSettings } from '../load/power'

export interface Datacenter {
  id: DatacenterId
  name: string
}

/** How many migrations may run at once; the rest wait in a queue and say what for. */
export interface MigrationLimits {
  perHost: number
  perNetwork: number
  perDatastore: number
}

export const defaultMigrationLimits: MigrationLimits = { perHost: 2, perNetwork: 8, perDatastore: 8 }

/** Hosts that VMs move between, and that take over from one another. */
export interface Cluster {
  id: ClusterId
  datacenterId: DatacenterId
  name: string
  migrationLimits: MigrationLimits
  ha: HaSettings
  /** How its load is evened out; absent: not at all. */
  balance?: BalanceSettings
  /** How it saves power; absent: not at all. */
  power?: PowerSettings
}

/** Lets one agent enrol as one host, once, until it expires. Only a hash of the secret is kept. */
export interface JoinToken {
  id: TokenId
  clusterId: ClusterId
  secretSha256: string
  createdBy: string
  createdAt: number
  expiresAt: number
  usedAt: number | null
  usedByHostId: HostId | null
}
