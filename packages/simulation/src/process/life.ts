import type { VirtualClock } from '../clock/virtual-clock'

/**
 * One life of a process. A killed process cannot be stopped in the middle of its JavaScript, but nothing leaves it
 * any more: its timers do not fire, its calls do nothing, and what it waits for never comes.
 */
export class Life {
  alive = true
  private readonly endings: (() => void)[] = []
  /** What has come in while the process stood still; null while it runs. */
  private backlog: (() => void)[] | null = null

  constructor(
    readonly name: string,
    private readonly time: VirtualClock,
  ) {}

  /** The world's clock for as long as this life lasts, off by `skewMs()` as a badly set one would be. */
  clock(skewMs = () => 0): { now(): number; setTimer(ms: number, fn: () => void): () => void } {
    return {
      now: () => this.time.now() + skewMs(),
      setTimer: (ms, fn) => this.time.setTimer(ms, () => this.take(fn)),
    }
  }

  /** Something reaches the process: it acts on it at once, when it goes on, or never. */
  take(fn: () => void): void {
    if (!this.alive) return
    if (this.backlog) this.backlog.push(fn)
    else fn()
  }

  /** As `kill -STOP`, or a machine that is too busy: nothing happens in it until it goes on, and then everything at once. */
  stall(): void {
    this.backlog ??= []
  }

  goOn(): void {
    const waiting = this.backlog ?? []
    this.backlog = null
    for (const fn of waiting) this.take(fn)
  }

  /** Settles as the promise does, while this life lasts. */
  keep<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => {
          this.take(() => resolve(value))
        },
        (error) => {
          this.take(() => reject(error))
        },
      )
    })
  }

  /** What a call comes to that the process did not live to make. */
  gone(): Promise<never> {
    return new Promise(() => {})
  }

  atEnd(fn: () => void): void {
    this.endings.push(fn)
  }

  /** As `kill -9`. */
  kill(): void {
    if (!this.alive) return
    this.alive = false
    for (const fn of this.endings) fn()
  }

  /**
   * A port of promises as this life may use it. `around` sees every call by the method's name and decides when it
   * happens: at once, later, or not at all. Subscriptions (`onSomething`) are passed through.
   */
  port<P extends object>(port: P, around: Around = (_method, _args, call) => call()): P {
    return new Proxy(port, {
      get: (target, name) => {
        const member = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        if (/^on[A-Z]/.test(String(name))) return member.bind(target)
        return (...args: unknown[]) => {
          if (!this.alive) return this.gone()
          return this.keep(around(String(name), args, () => member.apply(target, args)))
        }
      },
    })
  }
}

export type Around = (method: string, args: unknown[], call: () => Promise<unknown>) => Promise<unknown>
