import { type UsageField, type UsageWidth, usageFields, usageWidthMs, type World } from '@drover/model'
import { expectDemand, type RecentUsage } from '@drover/planner'
import type { UsageBlock, UsageStore, UsageWriter } from '@drover/store'
import type { Clock, Log } from '../ports'
import { Outbox } from './outbox'
import { samplesOf } from './sample'
import {
  fieldOf,
  measures,
  rawKept,
  rawPer5m,
  rawPerHour,
  recentFields,
  recentWindows,
  rolledUpBlock,
  type Sample,
  Track,
} from './track'
import { warm } from './warm'

const rawMs = usageWidthMs.raw
/** Raw windows that are written at once: a minute. */
const rawAtOnce = 3
/** Estimates are renewed a part at each sample, so that all are within a minute and none of them takes long. */
const parts = 3
/** So many samples make a window that has not ended worth looking at. */
const leastOfWindow = 3
/** Objects in one block: what is packed and sent at once. */
const objectsAtOnce = 1_000

export interface RecorderPorts {
  world: World
  store: UsageStore
  writer: UsageWriter
  clock: Clock
  log: Log
}

/**
 * Records what hosts and VMs use: a sample every 20 s, rolled up to five minutes and to hours, and says in `world.load` what
 * each VM is expected to need. Memory holds what that takes; a new leader reads it from the store while it goes on.
 */
export class UsageRecorder {
  readonly #tracks = new Map<string, Track>()
  readonly #outbox: Outbox
  /** The last window that was sampled; -1: none. */
  #window = -1
  /** The first raw window that has not been handed over. */
  #unsent = 0
  #stopTimer: () => void = () => {}
  #stopped = false
  /** The first window that was sampled since it began, and by width the window that was begun before and has ended meanwhile. */
  #first = -1
  readonly #shared = new Map<'5m' | '1h', number>()
  #warmth: 'cold' | 'warming' | 'warm' = 'cold'

  constructor(private readonly ports: RecorderPorts) {
    this.#outbox = new Outbox(ports)
    this.#schedule()
  }

  /** Whether what was recorded before has been read: until then every VM seems to be new. */
  get isKnown(): boolean {
    return this.#warmth === 'warm'
  }

  stop(): void {
    this.#stopped = true
    this.#stopTimer()
    this.#outbox.stop()
  }

  #schedule(): void {
    if (this.#stopped) return
    const { clock } = this.ports
    this.#stopTimer = clock.setTimer(rawMs - (clock.now() % rawMs), () => {
      this.#sample(clock.now())
      this.#schedule()
    })
  }

  #sample(now: number): void {
    const { world } = this.ports
    // The window that has just ended.
    const window = Math.floor(now / rawMs) - 1
    const before = this.#window
    if (window <= before && before - window < rawPerHour) return
    const went = before >= 0 && window > before && window - before < rawPerHour
    const from = went ? before + 1 : window
    if (!went) this.#begin(window)
    this.#warm(now)
    const samples = samplesOf(world, now)
    this.#forget()
    for (const id of samples.keys()) if (!this.#tracks.has(id)) this.#tracks.set(id, new Track())
    for (const [id, track] of this.#tracks) {
      // What was missed while this process stood still was not heard.
      for (let missed = from; missed < window; missed += 1) track.note(missed, unheard)
      track.note(window, samples.get(id) ?? unheard)
    }
    this.#window = window
    const blocks: UsageBlock[] = []
    const end = window + 1
    if (end % rawAtOnce === 0) {
      blocks.push(...this.#rawBlocks(this.#unsent, end))
      this.#unsent = end
    }
    for (const [width, count] of [
      ['5m', rawPer5m],
      ['1h', rawPerHour],
    ] as const)
      for (let n = Math.floor(from / count) + 1; n * count <= end; n += 1)
        // What began under the leader before is of both: it waits for what that one recorded.
        if ((n - 1) * count < this.#first && !this.isKnown) this.#shared.set(width, n)
        else blocks.push(...this.#rollUp(width, n, count))
    if (blocks.length > 0 || this.#outbox.length > 0) this.#outbox.send(blocks, now)
    this.#expect(now, window)
  }

  /** From here on; what was remembered is of another time. */
  #begin(window: number): void {
    this.#unsent = window
    this.#first = window
    this.#shared.clear()
    if (this.#window < 0) return
    this.#tracks.clear()
    this.#warmth = 'cold'
  }

  /** Objects that are no more. */
  #forget(): void {
    const { tables, index, load } = this.ports.world
    for (const id of this.#tracks.keys())
      if (!tables.host.has(id) && !tables.vm.has(id)) this.#tracks.delete(id)
    for (const uuid of load?.keys() ?? []) if (!index.vmByUuid.has(uuid)) load!.delete(uuid)
  }

  /** Those of whom something was heard, a block's worth at once. */
  #heardSince(window: number): [string, Track][][] {
    const heard = [...this.#tracks].filter(([, track]) => track.heard >= window)
    const slices: [string, Track][][] = []
    for (let i = 0; i < heard.length; i += objectsAtOnce) slices.push(heard.slice(i, i + objectsAtOnce))
    return slices
  }

  #rawBlocks(from: number, end: number): UsageBlock[] {
    const count = end - from
    return this.#heardSince(from).map((tracks) => {
      const columns: UsageBlock['columns'] = {}
      for (const measure of measures) {
        const column = new Float32Array(tracks.length * count)
        for (const [i, [, track]] of tracks.entries())
          column.set(track.raw[measure].before(end, count), i * count)
        columns[fieldOf[measure]] = column
      }
      return { width: 'raw', fromAt: from * rawMs, count, ids: tracks.map(([id]) => id), columns }
    })
  }

  /** The window of this width that ends as the `number`th: remembered, and on its way to the store. */
  #rollUp(width: Exclude<UsageWidth, 'raw'>, number: number, count: number): UsageBlock[] {
    const end = number * count
    for (const track of this.#tracks.values())
      if (track.heard < end - count) track.keep(width, number - 1, nothing)
    const fromAt = (number - 1) * usageWidthMs[width]
    return this.#heardSince(end - count).map((tracks) => {
      const windows = tracks.map(([id, track]) => ({ id, values: track.rolledUp(end, count) }))
      for (const [i, { values }] of windows.entries()) tracks[i]![1].keep(width, number - 1, values)
      return rolledUpBlock(width, fromAt, windows)
    })
  }

  /** Says what VMs are expected to need: a part of them, and those of whom nothing was said yet. */
  #expect(now: number, window: number): void {
    const { world } = this.ports
    world.load ??= new Map()
    let n = 0
    for (const [id, track] of this.#tracks) {
      const vm = world.tables.vm.get(id)
      if (!vm) continue
      n += 1
      if (world.load.has(vm.uuid) && n % parts !== window % parts) continue
      const demand = expectDemand(
        recentOf(track, window),
        track.past(Math.floor(now / usageWidthMs['1h'])),
        now,
      )
      if (demand) world.load.set(vm.uuid, demand)
      else world.load.delete(vm.uuid)
    }
  }

  /** Rolls up what was begun before and has ended since, as long as its samples are remembered. */
  #sendShared(): void {
    const blocks = [...this.#shared].flatMap(([width, n]) => {
      const count = width === '5m' ? rawPer5m : rawPerHour
      return this.#window - (n - 1) * count < rawKept ? this.#rollUp(width, n, count) : []
    })
    this.#shared.clear()
    if (blocks.length > 0) this.#outbox.send(blocks, this.ports.clock.now())
  }

  #warm(now: number): void {
    if (this.#warmth !== 'cold') return
    this.#warmth = 'warming'
    const track = (id: string) => {
      const found = this.#tracks.get(id) ?? new Track()
      this.#tracks.set(id, found)
      return found
    }
    const begunAt = this.#first * rawMs
    warm(this.ports, now, begunAt, track, () => (this.#stopped ? null : this.#window)).then(
      () => {
        this.#warmth = 'warm'
        this.#sendShared()
      },
      (error: unknown) => {
        this.#warmth = 'cold'
        this.ports.log.warn('recorded usage could not be read; it is tried again', { error: String(error) })
      },
    )
  }
}

const nothing = Object.fromEntries(usageFields.map((field) => [field, Number.NaN])) as Record<
  UsageField,
  number
>
const unheard = Object.fromEntries(measures.map((measure) => [measure, Number.NaN])) as Sample

/** Two hours by five minutes, up to the last sample. */
function recentOf(track: Track, window: number): RecentUsage {
  const end = Math.floor((window + 1) / rawPer5m)
  const begun = (window + 1) % rawPer5m
  if (begun < leastOfWindow || track.heard <= window - begun) return track.lately(end, recentWindows)
  const recent = track.lately(end, recentWindows - 1)
  const now = track.rolledUp(window + 1, begun)
  return Object.fromEntries(
    recentFields.map((field) => {
      const column = new Float32Array(recentWindows)
      column.set(recent[field])
      column[recentWindows - 1] = now[field]
      return [field, column]
    }),
  ) as unknown as RecentUsage
}
