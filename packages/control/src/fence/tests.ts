import { decideTested, isSoft } from '@drover/engine'
import type { FenceAnswer, FenceDevice, FenceId, FenceTest, Initiator, World } from '@drover/model'
import type { Batch } from '@drover/store'
import type { Proposed } from '../control'
import type { Clock, Log } from '../ports'
import type { Writer } from '../writer/writer'
import type { FenceRunner } from './runner'

const everyMs = 3_600_000
/** One that did not pass may be mended by now, and somebody waits to see that it is. */
const failedEveryMs = 300_000
const tickMs = 1_000

/**
 * Tests every fence device by asking it for the power state: every hour, each at its own minute, sooner when it has failed, and
 * at once when it is new or changed. So a broken one is an alarm before it is needed.
 */
export class FenceTests {
  readonly #testedAt = new Map<FenceId, number>()
  readonly #testing = new Set<FenceId>()
  #stopTimer: () => void = () => {}
  #stopped = false

  constructor(
    private readonly world: World,
    private readonly writer: Writer,
    private readonly runner: FenceRunner,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.#schedule()
  }

  stop(): void {
    this.#stopped = true
    this.#stopTimer()
  }

  committed({ rows }: Batch): void {
    for (const { table, id, row } of rows) {
      if (table !== 'fence') continue
      if (row === null) this.#testedAt.delete(id as FenceId)
      else if ((row as FenceDevice).lastTest === null) this.#testedAt.delete(id as FenceId)
    }
  }

  /** Asks a device now. The answer is written down when it says something new, or when a person asked. */
  async test(initiator: Initiator, fenceId: string): Promise<Proposed<FenceTest | null>> {
    const device = this.world.tables.fence.get(fenceId)
    if (!device) return { ok: false, refusals: [{ code: 'not_found', noun: 'fence device', id: fenceId }] }
    this.#testedAt.set(device.id, this.clock.now())
    const from = this.clock.now()
    const result = await this.runner.run(device, 'status')
    const ms = this.clock.now() - from
    const answer = result.ok
      ? { ok: true, ...(result.data as FenceAnswer) }
      : { ok: false, power: 'unknown' as const, message: result.message }
    return this.writer.propose(initiator, (w, ctx) => decideTested(w, { fenceId, answer, ms }, ctx))
  }

  #schedule(): void {
    this.#stopTimer = this.clock.setTimer(tickMs, () => {
      this.#look()
      if (!this.#stopped) this.#schedule()
    })
  }

  #look(): void {
    const now = this.clock.now()
    for (const device of this.world.tables.fence.values()) {
      if (!device.enabled || isSoft(device) || this.#testing.has(device.id) || !this.#isDue(device, now))
        continue
      this.#testing.add(device.id)
      this.test({ kind: 'drover' }, device.id)
        .catch((error: unknown) =>
          this.log.error('a fence device could not be tested', { error: String(error) }),
        )
        .finally(() => this.#testing.delete(device.id))
    }
  }

  #isDue(device: FenceDevice, now: number): boolean {
    // What is being fenced has its devices asked by others.
    const state = this.world.tables.host.get(device.hostId)?.state
    if (state !== 'connected' && state !== 'fenced') return false
    const last = this.#testedAt.get(device.id)
    if (last === undefined && device.lastTest === null) return true
    const failed = device.lastTest?.ok === false
    if (last !== undefined) return now - last >= (failed ? failedEveryMs : everyMs)
    if (failed) return now - device.lastTest!.at >= failedEveryMs
    // A new leader goes on in the same hourly minute instead of asking all devices at once.
    const minute = (Number(device.id.slice('fence-'.length)) * 97_000) % everyMs
    return now - device.lastTest!.at >= everyMs && now % everyMs >= minute && now % everyMs < minute + 60_000
  }
}
