import type { Fencing } from '@drover/fencing'
import type { AgentFault, ToBrowser } from '@drover/model'
import type { PlanJob, ResultOf } from '@drover/planner'
import type { Ask, Cancel, Challenge, Command, Duties, Heard } from '@drover/protocol'
import type { Store } from '@drover/store'
import type { Backtester } from './backtest/port'

/** Time, as control knows it: the machine's in production, a virtual one in the simulation. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Runs `run` once after `ms`; the returned function calls it off. */
  setTimer(ms: number, run: () => void): () => void
}

/** The only source of chance. */
export interface Random {
  uuid(): string
  /** `bytes` random bytes as hex digits. */
  hex(bytes: number): string
}

export interface Log {
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
}

/**
 * The line to one agent, as its transport offers it: socket.io in production, a simulated network in the simulation.
 * `command` and `ask` resolve with whatever the agent answered (control validates it) and reject when the line breaks
 * or no answer came within the transport's deadline.
 */
export interface AgentLine {
  /** For logs and events: the peer's address. */
  peer: string
  challenge(message: Challenge): void
  command(message: Command): Promise<unknown>
  cancel(message: Cancel): void
  heard(message: Heard): void
  duties(message: Duties): void
  ask(message: Ask): Promise<unknown>
  close(why: string): void
}

/** Control's end of that line: the transport brings it everything that arrives, unvalidated. */
export interface AgentSession {
  /** `event` is a name of protocol's `AgentToControl`; `answer` is present where the sender waits for one. */
  receive(event: string, payload: unknown, answer?: (reply: unknown) => void): void
  /** A message that was too large to be read at all. */
  oversize(bytes: number): void
  /** The line is gone, whoever closed it. */
  closed(): void
}

/** One browser (or CLI that follows), as its transport offers it. */
export type BrowserSink = ToBrowser

/** Seals secrets with the installation's own key, so that the database alone does not give them away. */
export interface Secrets {
  seal(text: string): string
  /** Throws a sentence when it was sealed with another key. */
  open(sealed: string): string
}

/**
 * Plans, without keeping heartbeats and clicks waiting. The world goes on meanwhile: whoever asked checks the answer
 * against it before it is used. Rejects when planning failed or was given up; the next look plans afresh.
 */
export interface Planner {
  plan<J extends PlanJob>(job: J): Promise<ResultOf<J>>
}

export interface ControlPorts {
  /** Names this process among the control daemons; new at every start, so that a term has one holder only. */
  daemon: string
  clock: Clock
  random: Random
  log: Log
  store: Store
  fencing: Fencing
  secrets: Secrets
  planner: Planner
  /** Absent: backtests run on the thread of control. */
  backtester?: Backtester
  /** Whether something answers at `host:port` in time; a refused connection is an answer. Never rejects. */
  reaches(address: string, timeoutMs: number): Promise<boolean>
  /** Counts agents that were not listened to, by why. */
  onAgentRefused?: (fault: AgentFault) => void
}
