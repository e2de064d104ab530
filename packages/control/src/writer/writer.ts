import type { Context, Decide, Decision } from '@drover/engine'
import { type Initiator, type Refusal, setRow, type World } from '@drover/model'
import { type Batch, type Counters, Deposed, type Store, StoreAway } from '@drover/store'
import type { Proposed } from '../control'
import type { Clock, Log, Random } from '../ports'
import { Draft } from './draft'

/** How many proposals share a transaction at most: bounds the time that the event loop belongs to one batch. */
const proposalsPerBatch = 500
/** How often a database that is away is asked whether it is back. */
const probeMs = 500

interface Proposal {
  initiator: Initiator
  reason: string | null
  decide: Decide<unknown>
  resolve: (answer: Proposed<unknown>) => void
  reject: (error: unknown) => void
}

/** A proposal that was evaluated and waits for its batch. */
interface Decided {
  proposal: Proposal
  decision: Decision<unknown>
}

export interface WriterPorts {
  world: World
  counters: Counters
  term: number
  daemon: string
  clock: Clock
  random: Random
  log: Log
  store: Store
  /** After a batch was committed and applied: only now may anybody act on it or be told. */
  onCommitted: (batch: Batch) => void
  /** The database went away or came back. */
  onHealth: () => void
  /** Another daemon leads: this writer has stopped for good. */
  onDeposed: () => void
}

/**
 * The single writer. Proposals queue; all that are queued are decided one after the other, each seeing the ones before
 * it, and committed in one transaction; only then does the committed world change and is anyone answered. One commit is
 * under way at a time. When the outcome of a commit is not known, nothing else is written until the store has said it.
 */
export class Writer {
  readonly #ports: WriterPorts
  #counters: Counters
  #queue: Proposal[] = []
  #running = false
  #stopped = false
  #awaySince: number | null = null
  #lastAt = 0

  constructor(ports: WriterPorts) {
    this.#ports = ports
    this.#counters = ports.counters
  }

  get seq(): number {
    return this.#counters.seq
  }

  /** Since when nothing can be committed; null while all is well. */
  get awaySince(): number | null {
    return this.#awaySince
  }

  propose<V>(initiator: Initiator, decide: Decide<V>, reason: string | null = null): Promise<Proposed<V>> {
    const refusal = this.#closed()
    if (refusal) return Promise.resolve({ ok: false, refusals: [refusal] })
    return new Promise((resolve, reject) => {
      const proposal = { initiator, reason, decide, resolve, reject }
      this.#queue.push(proposal as unknown as Proposal)
      if (!this.#running) {
        this.#running = true
        // In a moment, so that what is proposed in the same breath shares a transaction.
        queueMicrotask(() => void this.#run())
      }
    })
  }

  /** Refuses everything from now on. */
  stop(): void {
    this.#stopped = true
    this.#refuse(this.#queue.splice(0))
  }

  #closed(): Refusal | null {
    if (this.#stopped) return { code: 'not_leading' }
    if (this.#awaySince !== null) return { code: 'database_away', sinceAt: this.#awaySince }
    return null
  }

  async #run(): Promise<void> {
    try {
      while (this.#queue.length > 0) await this.#round(this.#queue.splice(0, proposalsPerBatch))
    } finally {
      this.#running = false
    }
  }

  async #round(proposals: Proposal[]): Promise<void> {
    if (this.#closed()) return this.#refuse(proposals)
    const { decided, batch } = this.#decide(proposals)
    if (batch.events.length === 0) return this.#answer(decided)
    try {
      await this.#ports.store.commit(batch)
    } catch (error) {
      return this.#notCommitted(error, decided, batch)
    }
    this.#committed(decided, batch)
  }

  /** Evaluates the proposals in order against the world as it would be; leaves the world as it was. */
  #decide(proposals: Proposal[]): { decided: Decided[]; batch: Batch } {
    const { world, clock, random, term, daemon } = this.#ports
    // History never goes back, even where the machine's clock was set back.
    this.#lastAt = Math.max(this.#lastAt, clock.now())
    const draft = new Draft(world, this.#counters, this.#lastAt)
    const decided: Decided[] = []
    for (const proposal of proposals) {
      const mark = draft.mark()
      const ctx: Context = {
        now: this.#lastAt,
        ids: draft.ids,
        uuid: () => random.uuid(),
        key: () => random.hex(32),
        initiator: proposal.initiator,
      }
      try {
        const decision = proposal.decide(world, ctx)
        if (decision.ok) draft.write(decision.change, proposal.reason)
        else draft.back(mark)
        decided.push({ proposal, decision })
      } catch (error) {
        draft.back(mark)
        proposal.reject(error)
      }
    }
    const batch = draft.batch(term, daemon)
    draft.revert()
    return { decided, batch }
  }

  #committed(decided: Decided[], batch: Batch): void {
    for (const { table, id, row } of batch.rows) setRow(this.#ports.world, table, id, row as never)
    this.#counters = batch.counters
    try {
      this.#ports.onCommitted(batch)
    } catch (error) {
      this.#ports.log.error('what follows a commit failed', { error: String(error) })
    }
    this.#answer(decided)
  }

  /** Answers after the commit: a refusal too may rest on what another proposal of the batch did. */
  #answer(decided: Decided[]): void {
    for (const { proposal, decision } of decided) {
      proposal.resolve(decision.ok ? { ok: true, value: decision.value, seq: this.#counters.seq } : decision)
    }
  }

  async #notCommitted(error: unknown, decided: Decided[], batch: Batch): Promise<void> {
    const proposals = decided.map(({ proposal }) => proposal)
    if (error instanceof Deposed) return this.#deposed(proposals)
    if (error instanceof StoreAway) {
      this.#ports.log.warn('the database is away', { error: error.message })
      this.#setAway(this.#ports.clock.now())
      this.#refuse(this.#queue.splice(0))
      if (!error.unknownOutcome) this.#refuse(proposals)
      const last = await this.#untilBack()
      if (last === null) return this.#refuse(proposals)
      if (last.term > this.#ports.term) return this.#deposed(proposals)
      this.#setAway(null)
      if (!error.unknownOutcome) return
      if (last.number === batch.number) this.#committed(decided, batch)
      else this.#refuse(proposals, { code: 'database_away', sinceAt: null })
      return
    }
    // The store refused the batch itself: something in it breaks a constraint. Find out whose it was; save the others.
    if (decided.length > 1) {
      for (const proposal of proposals) await this.#round([proposal])
      return
    }
    this.#ports.log.error('a change was refused by the store', {
      error: String(error),
      events: batch.events.map((event) => event.body.kind),
    })
    for (const proposal of proposals) proposal.reject(error)
  }

  /** Asks until the store answers what was committed last; null when this writer was stopped meanwhile. */
  async #untilBack(): Promise<{ number: number; term: number } | null> {
    const { clock, store } = this.#ports
    for (;;) {
      await new Promise<void>((resolve) => clock.setTimer(probeMs, resolve))
      if (this.#stopped) return null
      try {
        return await store.lastBatch()
      } catch (error) {
        if (!(error instanceof StoreAway))
          this.#ports.log.error('the database answers with an error', { error: String(error) })
      }
    }
  }

  #setAway(since: number | null): void {
    this.#awaySince = since
    this.#ports.onHealth()
  }

  #deposed(proposals: Proposal[]): void {
    this.stop()
    this.#refuse(proposals)
    this.#ports.onDeposed()
  }

  #refuse(proposals: Proposal[], refusal: Refusal | null = this.#closed()): void {
    if (refusal) for (const proposal of proposals) proposal.resolve({ ok: false, refusals: [refusal] })
  }
}
