export type { Control, HistoryCheck, Proposed } from './control'
export type { AgentLine, AgentSession, BrowserSink, Clock, ControlPorts, Log, Random } from './ports'
