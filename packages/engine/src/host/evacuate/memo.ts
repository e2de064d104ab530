import type { EvacuationMove, HostId, HostMode, TaskId, VmId } from '@drover/model'
import type { Scene } from '../../task/flow'

/** A VM that failed to move: how often, from where it was turned away, not before when it is tried again, and why. */
export interface FailedMove {
  times: number
  avoid: HostId[]
  notBefore: number
  why: string
}

/** What a task that moves VMs remembers: small, JSON, in its row. */
export interface MovesMemo {
  /** Planned again since it was approved; absent: as approved. */
  moves?: EvacuationMove[]
  /** Parts that were begun and not yet reckoned. */
  parts?: { taskId: TaskId; vmId: VmId }[]
  moved?: number
  failed?: Record<string, FailedMove>
  /** The host's mode before this task. */
  before?: HostMode
}

/** The kinds of tasks that move VMs. */
export type MovingKind = 'host.evacuate' | 'host.shutdown' | 'host.exitMaintenance' | 'host.sleep'

export function movesMemo(scene: Scene<MovingKind>): MovesMemo {
  return scene.task.memo as MovesMemo
}
