import {
  type Health,
  type Progress,
  replicatedTables,
  type Snapshot,
  type TaskId,
  type UsagePatch,
  type World,
} from '@drover/model'
import type { Batch } from '@drover/store'
import type { BrowserSink, Clock } from '../ports'
import { publicDecision, publicEvent, publicFence, publicTask } from './redact'
import { usageOf, usageSince } from './usage'

const usageMs = 2_000
const progressMs = 500
/** Usage may be dropped on a slow line: whoever missed some has it right again after this many patches. */
const wholeUsageEvery = 15

/** Tells browsers: a patch for every commit, usage and progress now and then, health when it changes. */
export class Publisher {
  readonly #sinks = new Set<BrowserSink>()
  #stopTimers: (() => void)[] = []
  #saidProgress = ''
  /** What was told last of each VM's usage, and how often since all of it was; null: all of it is due. */
  #saidUsage: { vms: UsagePatch['vms']; since: number } | null = null

  constructor(private readonly clock: Clock) {}

  subscribe(sink: BrowserSink): () => void {
    this.#sinks.add(sink)
    this.usageInFull()
    return () => this.#sinks.delete(sink)
  }

  /** The next usage is told in full: somebody begins with figures that are not those of the last patch. */
  usageInFull(): void {
    this.#saidUsage = null
  }

  /** Begins to tell of a term's world. */
  begin(world: World): void {
    this.usageInFull()
    this.#every(usageMs, () => this.#usage(world))
    this.#every(progressMs, () => this.#progress(world))
  }

  end(): void {
    for (const stop of this.#stopTimers.splice(0)) stop()
  }

  committed(batch: Batch): void {
    if (this.#sinks.size === 0 || batch.events.length === 0) return
    const events = batch.events.map(publicEvent)
    const toSeq = batch.counters.seq
    const patch = { term: batch.term, fromSeq: toSeq - events.length, toSeq, events }
    this.#say((sink) => sink.patch(patch))
  }

  health(health: Health): void {
    this.#say((sink) => sink.health(health))
  }

  #usage(world: World): void {
    const usage = usageOf(world, this.clock.now())
    const said = this.#saidUsage
    const whole = said === null || said.since + 1 >= wholeUsageEvery
    this.#saidUsage = { vms: usage.vms, since: whole ? 0 : said.since + 1 }
    const patch = whole ? usage : usageSince(said.vms, usage)
    this.#say((sink) => sink.usage(patch))
  }

  #progress(world: World): void {
    const progress = Object.fromEntries(world.progress) as Record<TaskId, Progress>
    const said = JSON.stringify(progress)
    if (said === this.#saidProgress) return
    this.#saidProgress = said
    this.#say((sink) => sink.progress(progress))
  }

  #say(to: (sink: BrowserSink) => void): void {
    for (const sink of this.#sinks) to(sink)
  }

  #every(ms: number, run: () => void): void {
    let stop = () => {}
    const again = () => {
      stop = this.clock.setTimer(ms, () => {
        if (this.#sinks.size > 0) run()
        again()
      })
    }
    again()
    this.#stopTimers.push(() => stop())
  }
}

/** Everything that browsers hold a copy of, as of the last commit. */
export function snapshotOf(world: World, term: number, seq: number, now: number): Snapshot {
  const rows = Object.fromEntries(
    replicatedTables.map((table) => [table, [...world.tables[table].values()]]),
  ) as Snapshot['rows']
  rows.task = rows.task.map(publicTask)
  rows.fence = rows.fence.map(publicFence)
  rows.decision = rows.decision.map(publicDecision)
  const progress = Object.fromEntries(world.progress) as Snapshot['progress']
  return { seq, term, now, rows, usage: usageOf(world, now), progress }
}
