/** libvirt's keepalive program: either side pings, the other answers, as messages without serial. */
export const KEEPALIVE = { program: 0x6b656570, version: 1, ping: 1, pong: 2 } as const

export interface KeepAliveOptions {
  /** Silence after which a ping is sent, and the pace of further pings. */
  intervalMs: number
  /** Pings without any sign of life after which the connection is dead. */
  count: number
}

/** Notices a peer that is silent: a frozen host or a pulled cable closes no socket. */
export class KeepAlive {
  #unanswered = 0
  #timer: NodeJS.Timeout

  constructor(
    private readonly options: KeepAliveOptions,
    private readonly ping: () => void,
    private readonly dead: (silentMs: number) => void,
  ) {
    this.#timer = setInterval(() => this.#tick(), options.intervalMs)
    this.#timer.unref()
  }

  /** Anything that arrives is a sign of life. */
  heard(): void {
    this.#unanswered = 0
    this.#timer.refresh()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #tick(): void {
    if (this.#unanswered >= this.options.count) {
      this.stop()
      this.dead(this.options.intervalMs * (this.options.count + 1))
      return
    }
    this.#unanswered += 1
    this.ping()
  }
}
