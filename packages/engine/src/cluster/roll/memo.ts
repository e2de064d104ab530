import type { HostId, TaskId } from '@drover/model'

/** Where a host is in its turn. */
export interface Turn {
  phase: 'evacuate' | 'reboot' | 'pause' | 'home'
  taskId: TaskId | null
  /** Somebody has said that it may go on. */
  go?: boolean
}

/** What a roll remembers. */
export interface RollMemo {
  at?: Record<HostId, Turn>
  done?: HostId[]
  /** What stopped it; what is under way ends first. */
  trouble?: { hostId: HostId; cause: string }
}
