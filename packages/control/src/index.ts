export type { Control, HistoryCheck, Proposed } from './control'
export { createControl } from './create'
export type { AgentLine, AgentSession, BrowserSink, Clock, ControlPorts, Log, Random } from './ports'
export { publicTask } from './publish/redact'
