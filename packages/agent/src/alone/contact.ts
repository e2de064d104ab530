import { agentGraceMs, aloneMs } from '@drover/protocol'
import { z } from 'zod'
import type { Journal, Log, Machine } from '../ports'

/** While there is contact, so often is it written down. */
const writeDownMs = 10_000
const key = 'contact'

const recordSchema = z.object({
  bootId: z.string(),
  /** Uptime of the last contact, or of the first start where there never was one. */
  at: z.number(),
  /** Uptime at which an agent was started that has found nobody yet. */
  searchingSince: z.number().nullable(),
})
type ContactRecord = z.infer<typeof recordSchema>

/**
 * When somebody was last in contact with this host: control, by answering a heartbeat (the lease runs from when that was
 * sent, which is before control heard it), or a shared datastore that took one (from when the write began). Times are the
 * machine's uptime.
 *
 * A restart of the agent does not stretch the lease: the last contact is in the journal, at most ten seconds too old, and
 * exact once contact is lost. An agent whose lease ran out while it was not running first looks for control and storage
 * for a moment, once: else stopping an agent for a minute would cost the VMs of a sound host.
 */
export class Contact {
  private readonly sent = new Map<number, number>()
  private controlAt: number
  private at: number
  private searchingSince: number | null = null
  private written: ContactRecord | null = null
  private writing = false

  constructor(
    private readonly ports: { machine: Machine; journal: Journal; log: Log },
    private readonly bootId: string,
  ) {
    this.controlAt = this.now()
    this.at = this.now()
  }

  /** Takes up what an earlier life knew, and notes that this one is looking. */
  async load(entries: { key: string; value: unknown }[]): Promise<void> {
    const now = this.now()
    const found = recordSchema.safeParse(entries.find((entry) => entry.key === key)?.value)
    const mine = found.success && found.data.bootId === this.bootId ? found.data : null
    this.controlAt = now
    this.at = mine ? Math.min(mine.at, now) : now
    this.searchingSince = Math.min(mine?.searchingSince ?? now, now)
    await this.writeDown()
  }

  sentHeartbeat(n: number): void {
    this.sent.set(n, this.now())
    if (this.sent.size > 120) this.sent.delete(this.sent.keys().next().value!)
  }

  /**
   * Control has heard heartbeat `n`. One that this life did not send renews nothing; nor does a control daemon that may not
   * lead any more (`renews` false), which is company all the same.
   */
  heard(n: number, renews: boolean): void {
    const sentAt = this.sent.get(n)
    if (sentAt === undefined) return
    for (const older of [...this.sent.keys()]) if (older <= n) this.sent.delete(older)
    this.controlAt = Math.max(this.controlAt, sentAt)
    if (renews) this.met(sentAt)
  }

  /** A shared datastore has taken the heartbeat whose write began then. */
  wrote(beganAt: number): void {
    this.met(beganAt)
  }

  /** How long control has not been heard. */
  get withoutControlMs(): number {
    return this.now() - this.controlAt
  }

  get alone(): boolean {
    return this.withoutControlMs > aloneMs
  }

  /** Whether nobody was in contact for the lease time. */
  isOver(leaseMs: number): boolean {
    const endsAt = this.at + leaseMs
    const graceEndsAt = this.searchingSince === null ? endsAt : this.searchingSince + agentGraceMs
    return this.now() >= Math.max(endsAt, graceEndsAt)
  }

  /** What has to be on the disk for the next life: called every second. */
  tick(): void {
    const { written, at, searchingSince } = this
    if (written && written.at === at && written.searchingSince === searchingSince) return
    const found = written?.searchingSince !== searchingSince
    const due = !written || at - written.at >= writeDownMs || this.now() - at > aloneMs
    if (!found && !due) return
    this.writeDown().catch((error) => {
      this.ports.log.warn(`the last contact cannot be written down: ${String(error)}`)
    })
  }

  private met(at: number): void {
    this.at = Math.max(this.at, at)
    this.searchingSince = null
  }

  private async writeDown(): Promise<void> {
    if (this.writing) return
    const record = { bootId: this.bootId, at: this.at, searchingSince: this.searchingSince }
    this.writing = true
    try {
      await this.ports.journal.put(key, record)
      this.written = record
    } finally {
      this.writing = false
    }
  }

  private now(): number {
    return this.ports.machine.uptimeMs()
  }
}
