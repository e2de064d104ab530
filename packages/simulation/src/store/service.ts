import { type Store, StoreAway } from '@drover/store'
import type { VirtualClock } from '../clock/virtual-clock'
import type { Points } from '../faults/points'
import type { Around, Life } from '../process/life'
import type { Random } from '../random/random'

/**
 * The database as a service that daemons reach over a wire: it takes time, it can be away, and an answer can get lost
 * after the work was done. What it has committed survives everything.
 */
export class StoreService {
  away = false
  /** Ends every call that is under way: whether a commit still happened, its caller cannot know. */
  private outages = 0
  /** Daemons that cannot reach it although it is there. */
  readonly cutOff = new Set<string>()

  constructor(
    private readonly inner: Store,
    private readonly clock: VirtualClock,
    private readonly random: Random,
    private readonly points: Points,
  ) {}

  /** Killed: every call fails until `comeBack`. Calls in the middle end with an unknown outcome. */
  goAway(): void {
    this.away = true
    this.outages++
  }

  comeBack(): void {
    this.away = false
  }

  /** The store as one life of a daemon has it. */
  connection(life: Life, daemon: string): Store {
    const around: Around = (method, _args, call) => this.serve(life, daemon, method, call)
    const store = life.port(this.inner, around)
    const usage = life.port(this.inner.usage, around)
    return new Proxy(store, {
      get: (target, name) => (name === 'usage' ? usage : Reflect.get(target, name)),
    })
  }

  private async serve(
    life: Life,
    daemon: string,
    method: string,
    call: () => Promise<unknown>,
  ): Promise<unknown> {
    if (method === 'close') return
    const commit = method === 'commit'
    if (commit) this.points.pass(`${daemon} sends a batch to the store`)
    if (!life.alive) return life.gone()
    await this.transit()
    if (this.unreachable(daemon)) throw new StoreAway('the database cannot be reached', false)
    if (commit) this.points.pass(`store begins a batch of ${daemon}`)
    if (this.unreachable(daemon))
      throw new StoreAway('the database went away', commit && this.random.chance(0.5))
    const outages = this.outages
    const answer = await call()
    if (commit) this.points.pass(`store has a batch of ${daemon}`)
    await this.transit()
    if (this.unreachable(daemon) || outages !== this.outages) {
      throw new StoreAway('the database went away', commit)
    }
    if (commit) this.points.pass(`${daemon} hears that its batch is durable`)
    return answer
  }

  private unreachable(daemon: string): boolean {
    return this.away || this.cutOff.has(daemon)
  }

  private transit(): Promise<void> {
    return new Promise((resolve) => {
      this.clock.setTimer(this.random.between(1, 2), resolve)
    })
  }
}
