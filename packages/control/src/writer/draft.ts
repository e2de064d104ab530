import type { Context, IdKind } from '@drover/engine'
import {
  type Change,
  difference,
  type Event,
  type RowChange,
  setRow,
  severityOf,
  type TableName,
  type Tables,
  type World,
} from '@drover/model'
import type { Batch, BatchRow, Counters } from '@drover/store'
import { chainHash } from './chain'
import { unstorableText } from './storable'
import { subjectsWithin } from './subjects'

type Row = Tables[TableName]
interface Undo {
  table: TableName
  id: string
  row: Row | null
}

/** A place in a draft to go back to. */
export interface Mark {
  events: number
  undo: number
  nextIds: Record<string, number>
}

/**
 * A batch in the making. Changes are written into the world itself, so that each decision of the batch sees the ones
 * before it; `revert` takes them all out again, because nobody else may see them before they are committed.
 */
export class Draft {
  readonly events: Omit<Event, 'hash'>[] = []
  readonly #undo: Undo[] = []
  #nextIds: Record<string, number>

  constructor(
    private readonly world: World,
    private readonly before: Counters,
    private readonly now: number,
  ) {
    this.#nextIds = { ...before.nextIds }
  }

  readonly ids: Context['ids'] = {
    next: <K extends IdKind>(kind: K) => {
      const number = this.#nextIds[kind] ?? 1
      this.#nextIds[kind] = number + 1
      return `${kind}-${number}` as const
    },
  }

  mark(): Mark {
    return { events: this.events.length, undo: this.#undo.length, nextIds: { ...this.#nextIds } }
  }

  /** Forgets everything since `mark`. */
  back(mark: Mark): void {
    this.events.length = mark.events
    this.#nextIds = mark.nextIds
    while (this.#undo.length > mark.undo) {
      const { table, id, row } = this.#undo.pop() as Undo
      setRow(this.world, table, id, row)
    }
  }

  /** Takes everything out of the world again; the batch itself stays. */
  revert(): void {
    for (const { table, id, row } of this.#undo.toReversed()) setRow(this.world, table, id, row)
  }

  /** Adds a decision's change, and to each of its events why it was asked for. Throws when it holds text that the store could not keep. */
  write(change: Change, reason: string | null): void {
    for (const { body, initiator, taskId = null, severity, rows: writes } of change) {
      const subjects = subjectsWithin(this.world, body)
      const rows: RowChange[] = []
      for (const { table, id, row } of writes) {
        const previous = (this.world.tables[table].get(id) as Row | undefined) ?? null
        if (row === null && previous === null) continue
        const changed = row === null ? { set: null } : difference(previous ?? undefined, row)
        if (changed === null) continue
        this.#undo.push({ table, id, row: previous })
        setRow(this.world, table, id, row)
        rows.push({ table, id, ...changed })
      }
      for (const id of subjectsWithin(this.world, body)) subjects.add(id)
      if (taskId) subjects.add(taskId)
      const event = {
        seq: this.before.seq + this.events.length + 1,
        at: this.now,
        initiator,
        body,
        reason,
        severity: severity ?? severityOf(body),
        subjects: [...subjects].sort(),
        taskId,
        rows,
      }
      const text = unstorableText(event)
      if (text !== null) throw new Error(`cannot be stored: ${JSON.stringify(text.slice(0, 100))}`)
      this.events.push(event)
    }
  }

  /** The batch as it goes to the store; call before `revert`, while the world holds the rows. */
  batch(term: number, daemon: string): Batch {
    let hash = this.before.hash
    const events = this.events.map((event) => {
      hash = chainHash(hash, event)
      return { ...event, hash }
    })
    const touched = new Map<string, BatchRow>()
    // Every change has left what was before it.
    for (const [i, { table, id, set, gone = [] }] of this.events.flatMap((event) => event.rows).entries()) {
      const known = touched.get(`${table} ${id}`)
      const isNew = this.#undo[i]!.row === null || set === null || (known && !known.fields)
      const fields = isNew ? null : new Set([...(known?.fields ?? []), ...Object.keys(set), ...gone])
      const row = this.world.tables[table].get(id) ?? null
      touched.set(`${table} ${id}`, { table, id, row, ...(row && fields ? { fields: [...fields] } : {}) })
    }
    const rows = [...touched.values()]
    const number = this.before.batch + 1
    const counters = { seq: this.before.seq + events.length, hash, batch: number, nextIds: this.#nextIds }
    return { number, term, daemon, events, rows, counters }
  }
}
