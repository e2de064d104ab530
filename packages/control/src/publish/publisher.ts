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
import { publicEvent, publicTask } from './redact'

const usageMs = 2_000
const progressMs = 500

/** Tells browsers: a patch for every commit, usage and progress now and then, health when it changes. */
export class Publisher {
  readonly #sinks = new Set<BrowserSink>()
  #stopTimers: (() => void)[] = []
  #saidProgress = ''

  constructor(private readonly clock: Clock) {}

  subscribe(sink: BrowserSink): () => void {
    this.#sinks.add(sink)
    return () => this.#sinks.delete(sink)
  }

  /** Begins to tell of a term's world. */
  begin(world: World): void {
    this.#every(usageMs, () => this.#say((sink) => sink.usage(usageOf(world, this.clock.now()))))
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
  const progress = Object.fromEntries(world.progress) as Snapshot['progress']
  return { seq, term, now, rows, usage: usageOf(world, now), progress }
}

function usageOf(world: World, now: number): UsagePatch {
  const hosts: UsagePatch['hosts'] = {}
  const vms: UsagePatch['vms'] = {}
  for (const [hostId, live] of world.live) {
    if (live.usage) hosts[hostId] = live.usage
    for (const [uuid, usage] of live.vms) {
      const id = world.index.vmByUuid.get(uuid)
      if (id && world.tables.vm.get(id)?.hostId === hostId) vms[id] = [usage.cpu, usage.memoryUsedBytes]
    }
  }
  return { at: now, hosts, vms }
}
