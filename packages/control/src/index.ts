export { StoreAway } from '@drover/store'
export type { Control, HistoryCheck, Proposed } from './control'
export { createControl } from './create'
export type { FenceDesk } from './fence/desk'
export { directPlanner } from './plan/direct'
export type {
  AgentLine,
  AgentSession,
  BrowserSink,
  Clock,
  ControlPorts,
  Log,
  Planner,
  Random,
  Secrets,
} from './ports'
export { publicDecision, publicFence, publicTask } from './publish/redact'
