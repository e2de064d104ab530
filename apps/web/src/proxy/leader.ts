/** One control daemon's answer to "do you lead?"; `away` when there was none. */
type Answer = 'leads' | 'stands by' | 'away'

export interface LeaderOptions {
  /** Base addresses of the control daemons, `http://127.0.0.1:8081`. */
  urls: string[]
  /** How often the leader is asked again when nothing is wrong, in ms. */
  checkMs?: number
  /** How often all are asked while none leads, in ms. */
  searchMs?: number
  /** How long an answer may take, in ms. */
  answerMs?: number
}

/**
 * Knows which control daemon leads. Asks the one it knows once in a while, and all of them, quickly, as soon as
 * that one fails or steps down: a take-over is over for the browser as soon as it is over for the daemons.
 */
export class LeaderFinder {
  private leader: string | null = null
  /** Who led last, also while nobody does. */
  private lastLeader: string | null = null
  private timer: NodeJS.Timeout | undefined
  private asking: Promise<string | null> | null = null
  private closed = false
  private readonly listeners = new Set<(leader: string) => void>()
  private readonly options: Required<LeaderOptions>

  constructor(options: LeaderOptions) {
    this.options = { checkMs: 1_000, searchMs: 250, answerMs: 2_000, ...options }
  }

  /** The leader's address, or null when none is known to lead. */
  current(): string | null {
    return this.leader
  }

  /** Tells of every new leader, once it has said so itself. */
  onTakeOver(listener: (leader: string) => void): void {
    this.listeners.add(listener)
  }

  /** Begins to watch; resolves after the first round of questions. */
  async start(): Promise<void> {
    await this.search()
    this.schedule()
  }

  /** To be called when the leader did not answer a request: it may be gone. Asks everybody at once. */
  async suspect(url: string): Promise<string | null> {
    if (this.leader === url) this.leader = null
    return this.search()
  }

  close(): void {
    this.closed = true
    clearTimeout(this.timer)
  }

  private schedule(): void {
    if (this.closed) return
    this.timer = setTimeout(
      () => void this.look().finally(() => this.schedule()),
      this.leader ? this.options.checkMs : this.options.searchMs,
    )
  }

  private async look(): Promise<void> {
    if (this.leader && (await this.ask(this.leader)) === 'leads') return
    await this.search()
  }

  private search(): Promise<string | null> {
    this.asking ??= this.askAll().finally(() => {
      this.asking = null
    })
    return this.asking
  }

  private async askAll(): Promise<string | null> {
    const answers = await Promise.all(this.options.urls.map((url) => this.ask(url)))
    this.leader = this.options.urls[answers.indexOf('leads')] ?? null
    if (this.leader && this.leader !== this.lastLeader) {
      this.lastLeader = this.leader
      for (const listener of this.listeners) listener(this.leader)
    }
    return this.leader
  }

  private async ask(url: string): Promise<Answer> {
    try {
      const response = await fetch(new URL('/api/health', url), {
        signal: AbortSignal.timeout(this.options.answerMs),
      })
      const health = (await response.json()) as { leading?: unknown }
      return health.leading === true ? 'leads' : 'stands by'
    } catch {
      return 'away'
    }
  }
}
