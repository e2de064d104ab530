import type {
  AlarmId,
  ClusterId,
  FenceAgentInfo,
  FenceDevice,
  FenceId,
  FenceTest,
  HostEvidence,
  HostId,
  Incident,
  IncidentId,
  Readiness,
} from '@drover/model'

interface Ask<I, O> {
  query(input: I): Promise<O>
}
interface Do<I, O = unknown> {
  mutate(input: I & { reason?: string; dryRun?: boolean }): Promise<O>
}

export interface FencePlan {
  host: { id: HostId; name: string }
  vms: { id: string; name: string }[]
  text?: string
}

export interface Pending {
  cluster: {
    readiness: Ask<{ clusterId: ClusterId }, Readiness>
  }
  host: {
    planFence: Ask<{ hostId: HostId }, FencePlan>
    fence: Do<{ hostId: HostId; confirmName: string }>
    confirmOff: Do<{ hostId: HostId; confirmName: string }>
    powerOn: Do<{ hostId: HostId }>
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
  incident: {
    list: Ask<{ clusterId?: ClusterId; hostId?: HostId; limit?: number }, Incident[]>
    show: Ask<{ incidentId: IncidentId }, Incident>
  }
  alarm: { acknowledge: Do<{ alarmId: AlarmId }> }
}
