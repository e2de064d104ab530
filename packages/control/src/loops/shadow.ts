import { decideShadowNote, loadQuestion, sayShadowDay, shadowPicture, shadowRound } from '@drover/engine'
import type {
  LoadMemory,
  LoadPicture,
  LoadRules,
  LoadVerdict,
  ShadowId,
  ShadowSet,
  World,
} from '@drover/model'
import type { Clock, Log, Planner } from '../ports'
import type { Writer } from '../writer/writer'

/** How often a shadow decides. */
const roundMs = 60_000
/** How often at most its row is written while the day lasts. */
const writeMs = 600_000
const planMs = 5_000

export interface ShadowPorts {
  world: World
  writer: Writer
  clock: Clock
  log: Log
  planner: Planner
}

type Kept = Pick<ShadowSet, 'memory' | 'days'>

/**
 * Has sets of rules decide beside the active ones, whenever those may, and writes down what they would have done otherwise. It
 * proposes notes and nothing else: no shadow ever moves anything. Between two notes it is in memory; a new leader goes on from
 * the row.
 */
export class ShadowLoop {
  #stopTimer: () => void = () => {}
  #stopped = false
  #judging = false
  readonly #kept = new Map<ShadowId, Kept & { changed: boolean; writtenAt: number }>()

  constructor(private readonly ports: ShadowPorts) {
    this.#schedule()
  }

  stop(): void {
    this.#stopped = true
    this.#stopTimer()
  }

  #schedule(): void {
    if (this.#stopped) return
    const { clock, log } = this.ports
    // With the minute: the last round of a day is its last minute.
    this.#stopTimer = clock.setTimer(roundMs - (clock.now() % roundMs), () => {
      this.#schedule()
      if (this.#judging) return
      this.#judging = true
      this.#all()
        .catch((error: unknown) => log.error('a shadow of the rules failed', { error: String(error) }))
        .finally(() => {
          this.#judging = false
        })
    })
  }

  async #all(): Promise<void> {
    const { world } = this.ports
    for (const id of this.#kept.keys()) if (!world.tables.shadow.has(id)) this.#kept.delete(id)
    for (const shadow of [...world.tables.shadow.values()]) {
      if (this.#stopped) return
      await this.#round(shadow)
    }
  }

  async #round(shadow: ShadowSet): Promise<void> {
    const { world, clock } = this.ports
    const now = clock.now()
    const kept = this.#kept.get(shadow.id) ?? {
      memory: shadow.memory,
      days: shadow.days,
      changed: false,
      writtenAt: now,
    }
    this.#kept.set(shadow.id, kept)
    const last = kept.days.at(-1)
    // Told once, when it is over: then what was counted of it is forgotten.
    if (last?.counted && last.day < dayOf(now)) {
      const days = kept.days.map(({ counted: _, ...day }) => day)
      await this.#write(shadow, { ...kept, days }, sayShadowDay(shadow.name, last, true))
      return
    }
    const cluster = world.tables.cluster.get(shadow.clusterId)
    const question = cluster && loadQuestion(world, cluster, now)
    if (!question || question.watchOnly) return
    const { picture, rules, memory } = question
    const decided = await this.#judge(shadowPicture(picture, kept.memory), shadow.rules, kept.memory)
    const active = await this.#judge(picture, rules, memory)
    if (this.#stopped || world.tables.shadow.get(shadow.id)?.since !== shadow.since) return
    const next = shadowRound(kept, picture, { shadow: decided, active })
    const changed = kept.changed || next.changed
    const round = { ...kept, memory: next.memory, days: next.days, changed }
    this.#kept.set(shadow.id, round)
    if (changed && now - round.writtenAt >= writeMs)
      await this.#write(shadow, round, sayShadowDay(shadow.name, next.days.at(-1)!, false))
  }

  async #write(shadow: ShadowSet, { memory, days }: Kept, text: string): Promise<void> {
    const { writer, clock } = this.ports
    const answer = await writer.propose({ kind: 'drover' }, (world, ctx) =>
      decideShadowNote(world, { shadowId: shadow.id, memory, days, text }, ctx),
    )
    // While the database is away it is tried again with the next round.
    if (answer.ok) this.#kept.set(shadow.id, { memory, days, changed: false, writtenAt: clock.now() })
  }

  async #judge(picture: LoadPicture, rules: LoadRules, memory: LoadMemory): Promise<LoadVerdict> {
    const job = {
      kind: 'judge',
      picture,
      rules,
      memory,
      watchOnly: false,
      holdPassed: false,
      budgetMs: planMs,
    } as const
    return (await this.ports.planner.plan(job)).verdict
  }
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)
