import type { ClusterId, HostId, RuleId, VmId } from '../id'

/** Which VMs belong together or apart, and on which hosts. `strict`: must; else should. */
export interface Rule {
  id: RuleId
  clusterId: ClusterId
  name: string
  kind: 'vm-vm' | 'vm-host'
  /** `together` and `apart` for vm-vm; `on` and `notOn` for vm-host. Overlapping strict `together` rules are one group. */
  relation: 'together' | 'apart' | 'on' | 'notOn'
  strict: boolean
  vmIds: VmId[]
  /** For vm-host: preferred hosts have the higher priority. */
  hosts: { hostId: HostId; priority: number }[]
  enabled: boolean
  /** Grows with every change; decisions record the version they were made under. */
  version: number
  createdAt: number
}

export interface RuleInput {
  clusterId: ClusterId
  name: string
  kind: Rule['kind']
  relation: Rule['relation']
  strict: boolean
  vmIds: VmId[]
  hosts: { hostId: HostId; priority: number }[]
  enabled: boolean
}
