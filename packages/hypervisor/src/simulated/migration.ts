import type { MigrationReport } from '@drover/protocol'
import { HypervisorError, type MigrateRequest, type OperationProgress } from '../port'
import type { SimulatedDatacenter } from './datacenter'
import { demand } from './load'
import type { Guest, SimulatedDomain, SimulatedHost } from './parts'
import { failSoon, troubleOf } from './trouble'

const tickMs = 200
/** How long a silent link is waited for: libvirt's keepalive gives up after about as much. */
const patienceMs = 7_000
const defaultDowntimeMs = 300
/** A guest writes the same pages again and again: no more than this share of its memory is dirty at a time. */
const workingSet = 0.4

/**
 * One migration between two hosts: disks first (when they move), then memory in passes while the guest goes on writing
 * to it, then the switch-over. Slows the guest down (auto-converge), or lets it run on the target while the rest
 * follows (post-copy), when it writes faster than the link carries.
 */
export class Migration {
  readonly finished: Promise<MigrationReport>
  readonly watchers = new Set<(progress: OperationProgress) => void>()
  private resolve!: (report: MigrationReport) => void
  private reject!: (error: HypervisorError) => void
  private phase: 'copy' | 'switch' | 'confirm' | 'post-copy' | 'over' = 'copy'
  private readonly startedAt: number
  private lastAt: number
  private silentSince: number | null = null
  private diskLeft: number
  private readonly diskTotal: number
  private memoryLeft: number
  private dirty = 0
  private pass = 0
  private leftAtPass: number
  private throttle = 0
  private moved = 0
  private fraction = 0
  private downtimeMs: number | null = null
  private cancelTimer: () => void = () => {}
  private readonly wasPaused: boolean

  constructor(
    private readonly datacenter: SimulatedDatacenter,
    private readonly source: SimulatedHost,
    private readonly target: SimulatedHost,
    private readonly domain: SimulatedDomain,
    private readonly incoming: SimulatedDomain,
    private readonly request: MigrateRequest,
  ) {
    this.finished = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    // Whoever waits sees it; when nobody does (the agent died) that is no error of ours.
    this.finished.catch(() => {})
    this.startedAt = this.lastAt = datacenter.clock.now()
    this.diskTotal = request.disks.reduce(
      (sum, { sourcePath }) => sum + (datacenter.disks.find(source, sourcePath)?.fileBytes ?? 0),
      0,
    )
    this.diskLeft = this.diskTotal
    this.memoryLeft = this.leftAtPass = domain.memoryBytes * datacenter.profile(domain.uuid).memory
    this.wasPaused = domain.state === 'paused'
    domain.job = 'migration-out'
    datacenter.migrations.set(domain.uuid, this)
    target.domains.set(incoming.uuid, incoming)
    this.tellBoth()
    this.schedule(tickMs)
  }

  get sourceName(): string {
    return this.source.is.name
  }

  get targetName(): string {
    return this.target.is.name
  }

  get bytesPerSecond(): number {
    return this.rate()
  }

  /** Stops it; the guest stays where it is. After the switch-over there is no way back, and this does nothing. */
  abort(code: 'aborted' | 'deadline', message: string): void {
    if (this.phase === 'copy') this.fail(new HypervisorError(code, message))
  }

  /** A host has lost its power. What that means depends on where the guest was. */
  hostLost(name: string) {
    if (this.phase === 'over') return
    if (name !== this.source.is.name && name !== this.target.is.name) return
    if (this.phase === 'confirm') return this.letGo()
    if (this.phase === 'post-copy') {
      return this.loseGuest(`the connection to ${name} broke before all of its memory had arrived`)
    }
    this.fail(new HypervisorError('unreachable', `${name} is gone; the VM stays where it was.`))
  }

  private tick() {
    const now = this.datacenter.clock.now()
    const seconds = (now - this.lastAt) / 1000
    this.lastAt = now
    const { deadlineMs } = this.request
    if (this.phase === 'copy') {
      if (!this.bothThere()) return this.fail(stopped())
      if (deadlineMs !== null && now - this.startedAt >= deadlineMs) {
        return this.abort('deadline', `The migration was not done within ${deadlineMs / 1000} s.`)
      }
    }
    if (!this.datacenter.reachable(this.source.is.name, this.target.is.name)) {
      this.silentSince ??= now
      if (now - this.silentSince < patienceMs) return this.schedule(tickMs)
      const cause = `${this.source.is.name} cannot reach ${this.target.is.name}`
      if (this.phase === 'post-copy') return this.loseGuest(cause)
      return this.fail(new HypervisorError('unreachable', `${cause}; the VM stays where it was.`))
    }
    this.silentSince = null
    const rate = this.rate()
    this.carry(rate * seconds, seconds)
    this.report(rate)
    try {
      this.datacenter.trip('migrate', this.source.is.name, this.domain.uuid, this.fraction)
    } catch (error) {
      if (this.phase === 'copy') return this.fail(error as HypervisorError)
    }
    if (this.phase === 'post-copy') {
      if (this.memoryLeft > 0) return this.schedule(tickMs)
      return this.letGo()
    }
    if (this.diskLeft > 0 || this.memoryLeft > 0) return this.schedule(this.soon(rate))
    this.endPass(rate)
  }

  /** Moves bytes: disks first, then memory, which gets dirty meanwhile. */
  private carry(bytes: number, seconds: number): void {
    const disk = Math.min(bytes, this.diskLeft)
    this.diskLeft -= disk
    const memory = Math.min(bytes - disk, this.memoryLeft)
    this.memoryLeft -= memory
    this.moved += disk + memory
    if (this.phase !== 'copy' || this.domain.state !== 'running') return
    const profile = this.datacenter.profile(this.domain.uuid)
    const speed = profile.dirtyBytesPerSecond * (0.2 + demand(profile, this.lastAt)) * (1 - this.throttle)
    this.dirty = Math.min(this.dirty + speed * seconds, this.domain.memoryBytes * workingSet)
  }

  private endPass(rate: number) {
    this.pass++
    const left = this.dirty
    this.dirty = 0
    this.memoryLeft = left
    const limit = this.request.downtimeMs ?? defaultDowntimeMs
    if ((left / rate) * 1000 <= limit) return this.switchOver((left / rate) * 1000)
    if (this.request.postCopy && this.pass >= 1) return this.switchOver(0)
    if (this.request.autoConverge && this.pass >= 2 && left > this.leftAtPass / 2) {
      this.throttle = this.throttle === 0 ? 0.2 : Math.min(0.99, this.throttle + 0.1)
    }
    this.leftAtPass = left
    this.schedule(this.soon(rate))
  }

  /** The guest stands still on the source until the target has what is left (or, post-copy, what it needs first). */
  private switchOver(copyMs: number): void {
    const postCopy = this.memoryLeft > 0 && copyMs === 0
    this.phase = 'switch'
    this.datacenter.settle(this.source, this.domain)
    this.domain.state = 'paused'
    this.domain.reason = 'migration'
    const guest = this.domain.guest!
    guest.countingSince = null
    this.tellBoth()
    this.downtimeMs = Math.round(copyMs + 40 + 60 * this.datacenter.draw() + (postCopy ? 150 : 0))
    this.cancelTimer = this.datacenter.clock.setTimer(this.downtimeMs, () => {
      if (!this.bothThere()) return this.fail(stopped())
      if (!this.datacenter.reachable(this.source.is.name, this.target.is.name)) {
        const cause = `${this.source.is.name} cannot reach ${this.target.is.name}`
        return this.fail(new HypervisorError('unreachable', `${cause}; the VM stays where it was.`))
      }
      if (!postCopy) this.memoryLeft = 0
      this.arrive(guest)
    })
  }

  /** Somebody may have pulled the plug on either side. */
  private bothThere(): boolean {
    return this.domain.guest !== null && this.target.domains.get(this.incoming.uuid) === this.incoming
  }

  private arrive(guest: Guest): void {
    const { clock } = this.datacenter
    this.copyDisks()
    this.domain.guest = null
    Object.assign(this.incoming, {
      guest,
      state: this.wasPaused ? 'paused' : 'running',
      reason: null,
      persistent: true,
      job: this.memoryLeft > 0 ? 'migration-in' : 'none',
    })
    this.datacenter.count(this.target, this.incoming)
    if (troubleOf(this.datacenter, this.target, this.incoming) === 'failing')
      failSoon(this.datacenter, this.target, this.incoming)
    this.tellBoth()
    this.lastAt = clock.now()
    if (this.memoryLeft > 0) {
      this.phase = 'post-copy'
      this.schedule(tickMs)
    } else {
      this.phase = 'confirm'
      this.cancelTimer = clock.setTimer(20, () => this.letGo())
    }
  }

  private letGo(): void {
    if (this.source.frozen) {
      // Over for the guest; the source cleans up when it goes on.
      this.cancelTimer = this.datacenter.clock.setTimer(tickMs, () => this.letGo())
      return
    }
    this.incoming.job = 'none'
    if (this.source.domains.get(this.domain.uuid) === this.domain)
      this.source.domains.delete(this.domain.uuid)
    this.end()
    const totalMs = this.datacenter.clock.now() - this.startedAt
    this.resolve({ totalMs, downtimeMs: this.downtimeMs, bytes: Math.round(this.moved) })
  }

  private fail(error: HypervisorError): void {
    if (this.phase === 'over') return
    if (this.target.domains.get(this.incoming.uuid) === this.incoming) {
      this.target.domains.delete(this.incoming.uuid)
    }
    const { guest } = this.domain
    this.domain.job = 'none'
    if (guest && this.domain.reason === 'migration') {
      this.domain.state = this.wasPaused ? 'paused' : 'running'
      this.domain.reason = null
      this.datacenter.count(this.source, this.domain)
    }
    this.end()
    this.reject(error)
  }

  /** The price of post-copy: with half its memory on each side, the guest cannot go on anywhere. */
  private loseGuest(cause: string): void {
    this.datacenter.settle(this.target, this.incoming)
    this.incoming.guest = null
    this.incoming.job = 'none'
    this.incoming.state = this.target.on ? 'crashed' : 'off'
    this.incoming.reason = `post-copy migration failed: ${cause}`
    this.source.domains.delete(this.domain.uuid)
    this.end()
    this.reject(new HypervisorError('failed', `The VM stopped in the middle of post-copy: ${cause}.`))
  }

  private end(): void {
    this.phase = 'over'
    this.cancelTimer()
    this.datacenter.migrations.delete(this.domain.uuid)
    this.tellBoth()
  }

  private copyDisks(): void {
    for (const { sourcePath, targetPath } of this.request.disks) {
      const from = this.datacenter.disks.find(this.source, sourcePath)
      const to = this.datacenter.disks.find(this.target, targetPath)
      if (from && to) Object.assign(to, { ...from, format: to.format })
    }
  }

  /** The slower leg's share among all migrations on it, and what the request allows. */
  private rate(): number {
    const others = [...this.datacenter.migrations.values()]
    const share = (host: SimulatedHost) =>
      host.is.linkBytesPerSecond /
      Math.max(1, others.filter((m) => m.source === host || m.target === host).length)
    const limit = this.request.bandwidthBytesPerSecond ?? Number.POSITIVE_INFINITY
    const slowness = Math.max(this.source.slowness, this.target.slowness)
    return Math.max(1, Math.min(share(this.source), share(this.target), limit) / slowness)
  }

  /** A tick, or less when the pass ends before. */
  private soon(rate: number): number {
    return Math.max(1, Math.min(tickMs, Math.ceil(((this.diskLeft + this.memoryLeft) / rate) * 1000)))
  }

  private report(rate: number): void {
    const total = this.diskTotal + this.domain.memoryBytes * this.datacenter.profile(this.domain.uuid).memory
    const left = this.diskLeft + this.memoryLeft
    this.fraction = Math.min(0.99, Math.max(this.fraction, 1 - left / Math.max(total, 1)))
    const progress: OperationProgress = {
      fraction: this.fraction,
      doneBytes: Math.round(this.moved),
      totalBytes: Math.round(this.moved + left),
      bytesPerSecond: Math.round(rate),
      remainingMs: Math.round(((left + this.dirty) / rate) * 1000),
    }
    for (const watcher of this.watchers) watcher(progress)
  }

  private schedule(ms: number): void {
    this.cancelTimer = this.datacenter.clock.setTimer(ms, () => this.tick())
  }

  private tellBoth(): void {
    this.datacenter.changed(this.source, this.domain.uuid)
    this.datacenter.changed(this.target, this.domain.uuid)
  }
}

function stopped(): HypervisorError {
  return new HypervisorError('failed', 'The guest was stopped while it was moved.')
}
