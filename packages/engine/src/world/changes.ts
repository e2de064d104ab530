import type {
  ChangeEvent,
  EventBody,
  RowWrite,
  Severity,
  TableName,
  Tables,
  TaskId,
  World,
} from '@drover/model'
import type { Context } from '../context'

/** How an event is told where it is not simply told by whoever decides. */
export interface Told {
  initiator?: ChangeEvent['initiator']
  taskId?: TaskId | null
  severity?: Severity
}

/**
 * A change in the making: events in order, and the rows as they are after those, so that helpers which touch the same
 * row one after the other do not undo each other. Write rows through `say` only, and read them through `get`.
 */
export class Changes {
  readonly events: ChangeEvent[] = []
  readonly #rows = new Map<string, Tables[TableName] | null>()

  constructor(
    readonly world: World,
    readonly ctx: Context,
    private readonly told: Told = {},
  ) {}

  get now(): number {
    return this.ctx.now
  }

  /** The row as it will be after what was said so far. */
  get<T extends TableName>(table: T, id: string | null | undefined): Tables[T] | undefined {
    if (!id) return undefined
    const written = this.#rows.get(`${table} ${id}`)
    if (written !== undefined) return (written ?? undefined) as Tables[T] | undefined
    return this.world.tables[table].get(id) as Tables[T] | undefined
  }

  /** Adds an event with the rows that it writes. */
  say(body: EventBody, rows: RowWrite[] = [], told: Told = {}): void {
    const { initiator = this.ctx.initiator, taskId = null, severity } = { ...this.told, ...told }
    for (const { table, id, row } of rows) this.#rows.set(`${table} ${id}`, row)
    this.events.push({ body, initiator, taskId, ...(severity ? { severity } : {}), rows })
  }

  /** Takes over events that were made elsewhere. */
  add(events: readonly ChangeEvent[]): void {
    for (const event of events) {
      for (const { table, id, row } of event.rows) this.#rows.set(`${table} ${id}`, row)
      this.events.push(event)
    }
  }
}
