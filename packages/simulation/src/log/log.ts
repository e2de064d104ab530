import { createHash } from 'node:crypto'

/** What happened, one line each, with virtual times: the same bytes for the same seed. */
export class Log {
  readonly lines: string[] = []

  private readonly startedAt: number

  constructor(private readonly now: () => number) {
    this.startedAt = now()
  }

  add(who: string, text: string): void {
    const ms = this.now() - this.startedAt
    const seconds = (ms / 1000).toFixed(3).padStart(9)
    this.lines.push(`${seconds} ${who.padEnd(12)} ${text}`)
  }

  get text(): string {
    return `${this.lines.join('\n')}\n`
  }

  /** Two runs are the same when these are. */
  get sha256(): string {
    return createHash('sha256').update(this.text).digest('hex')
  }
}
