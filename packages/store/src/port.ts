import type { Event, Tables } from '@drover/model'
import type { UsageStore } from './usage/port'

export type { UsageBlock, UsageStore, UsageWriter } from './usage/port'

/** One transaction's worth: events in order, and the rows they leave behind. */
export interface Batch {
  /** One more than the last batch of whoever led before. */
  number: number
  term: number
  daemon: string
  events: Event[]
  /** What the events leave of every row that they touched. */
  rows: BatchRow[]
  /** Counters after this batch: the last event's number and the next id of each kind. */
  counters: Counters
}

export interface BatchRow {
  table: keyof Tables
  id: string
  /** Its final contents; null deletes it. */
  row: object | null
  /**
   * Of a row that was there before: the fields that are others now. The rest of it is not written again, which may be megabytes.
   * Absent: all of it.
   */
  fields?: readonly string[]
}

export interface Counters {
  seq: number
  hash: string
  batch: number
  nextIds: Record<string, number>
}

/** The lease on leading. Times are the database's own, so that daemons' clocks need not agree. */
export interface Leadership {
  term: number
  holder: string
  /** How long it is still valid, as the database's clock has it; negative when it has run out. */
  remainingMs: number
}

/** This daemon no longer holds the term: it must stop writing at once. */
export class Deposed extends Error {
  constructor(readonly term: number) {
    super(`term ${term} has been taken over by another control daemon`)
    this.name = 'Deposed'
  }
}

/** The database cannot be reached. `unknownOutcome`: a commit was under way and may or may not have happened. */
export class StoreAway extends Error {
  constructor(
    message: string,
    readonly unknownOutcome: boolean,
  ) {
    super(message)
    this.name = 'StoreAway'
  }
}

/** Durable storage, as the writer needs it. */
export interface Store {
  /** Takes or renews the lease: a free or expired one begins a new term. Null: somebody else leads. */
  lead(daemon: string, leaseMs: number): Promise<Leadership | null>
  /** Gives the lease up, so that a standby need not wait for it to run out. */
  resign(daemon: string, term: number): Promise<void>
  /** Everything, as of the last batch. */
  load(): Promise<{ tables: { [T in keyof Tables]: Tables[T][] }; counters: Counters }>
  /** All or nothing. Throws `Deposed` when the term is no longer this daemon's, `StoreAway` when it cannot be reached. */
  commit(batch: Batch): Promise<void>
  /** The number of the last batch that was committed; decides a commit of unknown outcome. */
  lastBatch(): Promise<{ number: number; term: number }>
  /** History, newest first unless `ascending`. */
  events(query: EventQuery): Promise<Event[]>
  /** Ended tasks of the past that the world no longer holds, newest first. */
  tasks(query: TaskQuery): Promise<Tables['task'][]>
  /** Incidents, open and of the past, newest first. */
  incidents(query: IncidentQuery): Promise<Tables['incident'][]>
  /** Decisions about load, open and of the past, newest first; lists leave out what they were made from. */
  decisions(query: DecisionQuery): Promise<Tables['decision'][]>
  /** What hosts and VMs used. */
  readonly usage: UsageStore
  close(): Promise<void>
}

export interface EventQuery {
  subjects?: string[]
  kinds?: string[]
  initiator?: string
  severities?: string[]
  text?: string
  fromAt?: number
  toAt?: number
  afterSeq?: number
  beforeSeq?: number
  ascending?: boolean
  limit: number
}

export interface IncidentQuery {
  /** Just this one. */
  incidentId?: string
  clusterId?: string
  hostId?: string
  beforeAt?: number
  /** A few more come where the last ones are of one moment: `beforeAt` goes on before it. */
  limit: number
}

export interface DecisionQuery {
  /** Just this one, with what it was made from. */
  decisionId?: string
  clusterId?: string
  /** Only what is recommended or under way. */
  open?: boolean
  beforeAt?: number
  /** A few more come where the last ones are of one moment: `beforeAt` goes on before it. */
  limit: number
}

export interface TaskQuery {
  /** Just this one. */
  taskId?: string
  vmId?: string
  hostId?: string
  clusterId?: string
  beforeAt?: number
  /** A few more come where the last ones are of one moment: `beforeAt` goes on before it. */
  limit: number
}
