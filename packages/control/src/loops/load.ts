import {
  balanceOf,
  carriesOn,
  decideCarryOn,
  decideVerdict,
  loadQuestion,
  looksAfterLoad,
  thresholdsOf,
} from '@drover/engine'
import { type Cluster, type ClusterId, isOpen, type Task, type World } from '@drover/model'
import type { Batch } from '@drover/store'
import type { Clock, Log, Planner } from '../ports'
import type { Writer } from '../writer/writer'

/** How often it is looked whether there is anything to do. */
const tickMs = 5_000
/** However long hold times are, loads are looked at this often. */
const mostMs = 60_000
/** So many times within a hold time. */
const looks = 12
/** Where hosts sleep, load may return at any time. */
const asleepMs = 10_000
/** Planning stops with the best that is found by then. */
const planMs = 5_000

export interface LoadPorts {
  world: World
  writer: Writer
  clock: Clock
  log: Log
  planner: Planner
  /** Whether what was recorded of VMs is known by now. */
  history: { readonly isKnown: boolean }
}

/**
 * Has the rules judge the load of the clusters that have any, a few times within their hold times, and carries out what was
 * decided. It judges away from the thread that heartbeats need; what comes of it is checked against the world of then. It keeps
 * nothing but when it looked: what must outlive it is in the rows.
 */
export class LoadLoop {
  #stopTimer: () => void = () => {}
  #stopped = false
  #carrying = false
  #again = false
  #woken = false
  readonly #lookedAt = new Map<ClusterId, number>()
  readonly #judging = new Set<ClusterId>()

  constructor(private readonly ports: LoadPorts) {
    this.#schedule()
    this.#wake()
  }

  stop(): void {
    this.#stopped = true
    this.#stopTimer()
  }

  /** What was ordered may have ended, or somebody has applied something. */
  committed(batch: Batch): void {
    for (const { table, row } of batch.rows)
      if (table === 'decision' || (table === 'task' && !(row && isOpen(row as Task)))) {
        this.#wake()
        return
      }
  }

  #wake(): void {
    if (this.#woken || this.#stopped) return
    this.#woken = true
    queueMicrotask(() => {
      this.#woken = false
      this.#carry()
    })
  }

  #schedule(): void {
    if (this.#stopped) return
    this.#stopTimer = this.ports.clock.setTimer(tickMs, () => {
      this.#carry()
      this.#look()
      this.#schedule()
    })
  }

  /** Moves on what is being carried out. */
  #carry(): void {
    const { world, writer, log } = this.ports
    if (this.#stopped || !carriesOn(world)) return
    if (this.#carrying) {
      this.#again = true
      return
    }
    this.#carrying = true
    writer
      .propose({ kind: 'drover' }, decideCarryOn)
      .catch((error: unknown) => log.error('carrying on with moves failed', { error: String(error) }))
      .finally(() => {
        this.#carrying = false
        if (!this.#again) return
        this.#again = false
        this.#wake()
      })
  }

  #look(): void {
    const { world, clock } = this.ports
    const now = clock.now()
    for (const cluster of world.tables.cluster.values()) {
      if (this.#judging.has(cluster.id) || !looksAfterLoad(world, cluster)) continue
      const before = this.#lookedAt.get(cluster.id)
      if (before !== undefined && now - before < everyMs(world, cluster)) continue
      this.#lookedAt.set(cluster.id, now)
      this.#judging.add(cluster.id)
      this.#judge(cluster)
        .catch((error: unknown) =>
          this.ports.log.error('judging the load failed', { cluster: cluster.name, error: String(error) }),
        )
        .finally(() => this.#judging.delete(cluster.id))
    }
  }

  async #judge(cluster: Cluster): Promise<void> {
    const { world, writer, clock, planner, history } = this.ports
    const asked = loadQuestion(world, cluster, clock.now())
    if (!asked || this.#stopped) return
    // Without a past nobody can tell a quiet hour from a quiet day: only who is needed at once is woken.
    const question = { ...asked, watchOnly: asked.watchOnly || !history.isKnown }
    const { picture, rules, memory, watchOnly } = question
    const { verdict } = await planner.plan({
      kind: 'judge',
      picture,
      rules,
      memory,
      watchOnly,
      holdPassed: false,
      budgetMs: planMs,
    })
    // Whoever leads by now judges for himself.
    if (this.#stopped) return
    const judged = { ...question, verdict }
    await writer.propose({ kind: 'drover' }, (now, ctx) => decideVerdict(now, judged, ctx))
  }
}

/** How often a cluster is looked at: a few times within the shortest of its hold times. */
function everyMs(world: World, cluster: Cluster): number {
  const { mode, holdMs } = balanceOf(cluster)
  const holds = [
    ...(mode === 'off' ? [] : [holdMs]),
    ...thresholdsOf(world, cluster.id).flatMap(({ enabled, forMs }) => (enabled ? [forMs] : [])),
  ]
  const sleeps = (cluster.power?.mode ?? 'off') !== 'off'
  const most = sleeps ? asleepMs : mostMs
  return Math.max(tickMs, Math.min(most, ...holds.map((ms) => ms / looks)))
}
