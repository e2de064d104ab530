import type { Decide, Refused } from '@drover/engine'
import type {
  Event,
  FenceTest,
  Health,
  Incident,
  Initiator,
  LoadDecision,
  Snapshot,
  Task,
  UsageQuery,
  UsageSeries,
  World,
} from '@drover/model'
import type { DecisionQuery, EventQuery, IncidentQuery, TaskQuery } from '@drover/store'
import type { BacktestInput, Started } from './backtest/jobs'
import type { BacktestJob } from './backtest/port'
import type { FenceDesk } from './fence/desk'
import type { AgentLine, AgentSession, BrowserSink, Planner } from './ports'

/** A proposal's answer, after its commit: `seq` is the last event that the world then holds. */
export type Proposed<V> = { ok: true; value: V; seq: number } | Refused

/** Whether history is as it was written: the hash chain from `fromSeq` to the newest event. */
export type HistoryCheck =
  | { ok: true; events: number; lastSeq: number; lastHash: string }
  | { ok: false; brokenAtSeq: number; why: string }

/** A control daemon without its edges. Transports, the API and the simulation drive it through this and nothing else. */
export interface Control {
  /** Begins to stand for leading; resolves when it leads or knows that another does. Rejects when the store cannot be reached. */
  start(): Promise<void>
  /** Stops everything and gives the lease up. Agents' lines are closed. */
  stop(): Promise<void>
  health(): Health
  /** The committed world. Empty while another daemon leads. Never change it. */
  readonly world: World
  /** All that browsers hold a copy of, as of now. */
  snapshot(): Snapshot
  /**
   * Has the single writer make a decision and commit it. Resolves after the commit; `database_away` and `not_leading`
   * come as refusals. Rejects only when `decide` itself throws. `reason`: why, for history.
   */
  propose<V>(initiator: Initiator, decide: Decide<V>, reason?: string | null): Promise<Proposed<V>>
  /** A new line from an agent. It is challenged at once; on a daemon that does not lead it is closed. */
  agentConnected(line: AgentLine): AgentSession
  /** Sends every later patch, usage, progress and health to `sink` until the returned function is called. */
  subscribe(sink: BrowserSink): () => void
  /** History, without control's working memory (commands, keys). Rejects with `StoreAway`. */
  events(query: EventQuery): Promise<Event[]>
  /** Tasks of the past, newest first; open ones and recent ones are in the world. */
  tasks(query: TaskQuery): Promise<Task[]>
  /** Incidents, those of the past too, newest first. */
  incidents(query: IncidentQuery): Promise<Incident[]>
  /** Decisions about load, newest first, those of the past too; what one was made from comes only with one that is named. */
  decisions(query: DecisionQuery): Promise<LoadDecision[]>
  /** Plans where neither heartbeats nor clicks wait for it. Rejects when that failed or was given up. */
  plan: Planner['plan']
  /** What hosts and VMs used, as far as it was recorded. Rejects with `StoreAway`. */
  usage(query: UsageQuery): Promise<UsageSeries[]>
  /** What rules would have done over recorded days. */
  readonly backtests: {
    /** Begins one; it is kept in memory, by the daemon that leads. */
    start(input: BacktestInput): Started
    /** Null: this daemon knows of none, or no more. */
    show(id: string): BacktestJob | null
    /** Newest first. */
    list(clusterId?: string): BacktestJob[]
    /** Whether there was anything to cancel. */
    cancel(id: string): boolean
  }
  /** Which fence programs there are, what they want to know, and how that is kept. */
  readonly fences: FenceDesk
  /** Asks a fence device for the power state, now. The answer is in history; null: the device is gone meanwhile. */
  testFence(initiator: Initiator, fenceId: string): Promise<Proposed<FenceTest | null>>
  /** Recomputes the hash chain over the whole history. */
  verifyHistory(): Promise<HistoryCheck>
  /** Makes a single-use join token; the secret is in the answer and nowhere else. `expiresInMs`: an hour when absent. */
  createJoinToken(
    initiator: Initiator,
    clusterId: string,
    expiresInMs?: number,
  ): Promise<Proposed<{ token: string; expiresAt: number }>>
}
