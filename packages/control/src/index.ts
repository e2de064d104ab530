export { StoreAway } from '@drover/store'
export { directBacktester } from './backtest/direct'
export type { BacktestInput, Started } from './backtest/jobs'
export type { Backtester, BacktestJob, BacktestQuestion } from './backtest/port'
export { readRecorded } from './backtest/read'
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
