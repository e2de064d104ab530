import type { Duties, Heartbeat } from '@drover/protocol'
import type { Log, Machine } from '../ports'

/** Every peer is tried this often, at least, unless they are very many. */
const everyMs = 5_000
const tickMs = 1_000
/** So few are all tried at each tick, and hardly any host has more: who waits for the word of a witness waits to restart VMs. */
const fewAtOnce = 4
const mostAtOnce = 20
const timeoutMs = 2_000
/** Older answers are not passed on. */
const validMs = 15_000

/** Tries to reach the other hosts, a few each second: as a rule all of them. */
export class Prober {
  private peers: Duties['peers'] = []
  private next = 0
  private readonly trying = new Set<string>()
  /** `at`: when it answered, or when the try began that it did not answer. */
  private readonly answers = new Map<string, { ok: boolean; at: number }>()

  /** `lost`: one that has answered before does not any more. */
  constructor(private readonly ports: { machine: Machine; log: Log; lost?(): void }) {}

  use(peers: Duties['peers']): void {
    this.peers = peers
    const ids = new Set(peers.map(({ hostId }) => hostId))
    for (const hostId of [...this.answers.keys()]) if (!ids.has(hostId)) this.answers.delete(hostId)
  }

  tick(): void {
    const inTurn = Math.ceil((this.peers.length * tickMs) / everyMs)
    const count = Math.min(mostAtOnce, this.peers.length, Math.max(fewAtOnce, inTurn))
    for (let i = 0; i < count; i++) {
      const peer = this.peers[this.next++ % this.peers.length]!
      if (!this.trying.has(peer.hostId)) this.try(peer)
    }
    if (this.peers.length > 0) this.next %= this.peers.length
  }

  report(): Heartbeat['peers'] {
    const now = this.now()
    return [...this.answers].flatMap(([hostId, { ok, at }]) =>
      now - at <= validMs ? [{ hostId, ok, agoMs: Math.round(now - at) }] : [],
    )
  }

  /** Whether any of them answered lately; null when there is nobody to ask. */
  get anyone(): boolean | null {
    const lately = this.report()
    return lately.length === 0 ? null : lately.some(({ ok }) => ok)
  }

  private try({ hostId, address }: Duties['peers'][number]): void {
    this.trying.add(hostId)
    const beganAt = this.now()
    this.ports.machine
      .reaches(address, timeoutMs)
      .then(
        (ok) => {
          if (!this.peers.some((peer) => peer.hostId === hostId)) return
          const before = this.answers.get(hostId)
          this.answers.set(hostId, { ok, at: ok ? this.now() : beganAt })
          if (before?.ok && !ok) this.ports.lost?.()
        },
        (error) => this.ports.log.warn(`a peer could not be tried: ${String(error)}`),
      )
      .finally(() => this.trying.delete(hostId))
  }

  private now(): number {
    return this.ports.machine.uptimeMs()
  }
}
