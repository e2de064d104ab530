import type {
  AlarmId,
  ClusterId,
  DatastoreId,
  EvacuationPlan,
  FailoverCapacity,
  FenceAgentInfo,
  FenceDevice,
  FenceId,
  FenceTest,
  GuestPolicy,
  HaSettings,
  HostEvidence,
  HostId,
  Incident,
  IncidentId,
  Readiness,
  Refusal,
  RollingPlan,
  Rule,
  RuleId,
  RuleInput,
  RuleViolation,
  TaskId,
  Vm,
  VmHa,
  VmId,
  WhatIf,
} from '@drover/model'

interface Ask<I, O> {
  query(input: I): Promise<O>
}
interface Do<I, O = unknown> {
  mutate(input: I & { reason?: string; dryRun?: boolean }): Promise<O>
}

export interface FencePlan {
  host: { id: HostId; name: string }
  /** Those that run there and die. */
  vms: { id: VmId; name: string }[]
  text?: string
}

export interface Pending {
  cluster: {
    changeHa: Do<{ clusterId: ClusterId; changes: Partial<HaSettings> }>
    failover: Ask<{ clusterId: ClusterId }, FailoverCapacity>
    readiness: Ask<{ clusterId: ClusterId }, Readiness>
    whatIf: Ask<{ clusterId?: ClusterId; hostIds?: HostId[]; datastoreIds?: DatastoreId[] }, WhatIf>
    planRoll: Ask<{ clusterId: ClusterId; hostIds?: HostId[]; action: RollingPlan['action'] }, RollingPlan>
    roll: Do<{ clusterId: ClusterId; hostIds?: HostId[]; action: RollingPlan['action'] }>
    rollContinue: Do<{ taskId: TaskId }>
  }
  host: {
    planEvacuation: Ask<{ hostId: HostId }, EvacuationPlan>
    evacuate: Do<{ hostId: HostId; then?: 'maintenance' | 'nothing'; fingerprint?: string }>
    enterMaintenance: Do<{ hostId: HostId; fingerprint?: string }>
    exitMaintenance: Do<{ hostId: HostId; home?: boolean }>
    planFence: Ask<{ hostId: HostId }, FencePlan>
    fence: Do<{ hostId: HostId; confirmName: string }>
    confirmOff: Do<{ hostId: HostId; confirmName: string }>
    powerOn: Do<{ hostId: HostId }>
    shutdown: Do<{ hostId: HostId; reboot: boolean; guests: GuestPolicy; confirmName: string }>
    evidence: Ask<{ hostId: HostId }, HostEvidence>
    endQuarantine: Do<{ hostId: HostId }>
  }
  fence: {
    agents: { query(): Promise<string[]> }
    describe: Ask<{ agent: string }, FenceAgentInfo>
    create: Do<Record<string, unknown>>
    change: Do<Record<string, unknown>>
    delete: Do<{ fenceId: FenceId }>
    test: Do<{ fenceId: FenceId }, FenceTest>
    list: Ask<{ hostId?: HostId }, FenceDevice[]>
  }
  vm: {
    changeHa: Do<{ vmId: VmId; ha: Partial<VmHa> }>
    setDesired: Do<{ vmId: VmId; desired: Vm['desired'] }>
  }
  rule: {
    list: Ask<{ clusterId?: ClusterId }, { rules: Rule[]; violations: RuleViolation[] }>
    create: Do<RuleInput>
    change: Do<{ ruleId: RuleId } & Partial<RuleInput>>
    delete: Do<{ ruleId: RuleId }>
    conflicts: Ask<RuleInput & { ruleId?: RuleId }, Refusal[]>
  }
  incident: {
    list: Ask<{ clusterId?: ClusterId; hostId?: HostId; limit?: number }, Incident[]>
    show: Ask<{ incidentId: IncidentId }, Incident>
  }
  alarm: { acknowledge: Do<{ alarmId: AlarmId }> }
}
