import { decideSuspects, silentHosts } from '@drover/engine'
import type { World } from '@drover/model'
import type { Clock, Log } from '../ports'
import type { Writer } from '../writer/writer'
import { liveOf } from './live'

const tickMs = 500
/** A tick that comes this late means that control itself stood still: it heard nobody, and nobody is to blame. */
const stallMs = 1_000
/** What agents get to find a new leader before their silence counts. */
const findLeaderMs = 10_000

/** Watches for hosts that have gone silent. Takes no input: it reads the world at every tick. */
export class LivenessLoop {
  #stopTimer: () => void = () => {}
  #lastTickAt: number
  #proposing = false

  constructor(
    private readonly world: World,
    private readonly writer: Writer,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.#lastTickAt = clock.now()
    for (const host of world.tables.host.values())
      liveOf(world, host.id, clock.now()).heardAt = clock.now() + findLeaderMs
    this.#schedule()
  }

  stop(): void {
    this.#stopTimer()
  }

  #schedule(): void {
    this.#stopTimer = this.clock.setTimer(tickMs, () => {
      this.#tick()
      this.#schedule()
    })
  }

  #tick(): void {
    const now = this.clock.now()
    const lateMs = now - this.#lastTickAt - tickMs
    this.#lastTickAt = now
    if (lateMs > stallMs) {
      this.log.warn('control stood still; silence is counted afresh', { lateMs })
      for (const live of this.world.live.values()) live.heardAt = Math.max(live.heardAt, now)
      return
    }
    if (this.#proposing || silentHosts(this.world, now).length === 0) return
    this.#proposing = true
    void this.writer.propose({ kind: 'drover' }, decideSuspects).finally(() => {
      this.#proposing = false
    })
  }
}
