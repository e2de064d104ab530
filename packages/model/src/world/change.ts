import type { EventBody, Severity } from '../event/event'
import type { TaskId } from '../id'
import type { Initiator } from '../task/task'
import type { RowWrite } from './tables'

/** One event to be, with the rows it changes. The writer gives it its number, time and hash. */
export interface ChangeEvent {
  body: EventBody
  initiator: Initiator
  taskId?: TaskId | null
  severity?: Severity
  rows: RowWrite[]
}

/** What a decision wants committed, in order: the only way any row ever changes. */
export type Change = ChangeEvent[]
