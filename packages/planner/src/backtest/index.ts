export type { Yardstick } from './measure'
export { backtestOf } from './merge'
export {
  emptyRecorded,
  hourMs,
  hourRowOf,
  pastHours,
  type Recorded,
  recentSteps,
  rowOf,
  stepMs,
} from './recorded'
export { Cancelled, runSide, type SideResult } from './side'
