import {
  type Connection,
  ConnectionClosedError,
  DOMAIN_XML,
  MIGRATE,
  type MigrationParameters,
  type Domain as Ref,
  type Job as Said,
} from '@drover/libvirt'
import type { MigrationReport } from '@drover/protocol'
import { type Clock, sleep } from '../../clock'
import { HypervisorError, type MigrateRequest, type OperationControl } from '../../port'
import type { Connections } from '../connections'
import { toHypervisorError } from '../errors'
import { withMovedDisks } from './edit'
import { unlessGone } from './inventory'
import type { Job, Jobs } from './jobs'
import { parseDomain } from './parse'
import { MigrationProgress, reportOf } from './progress'

const lookMs = 300
/** libvirt says how it went by an event of its own, about when the call returns. */
const lastWordMs = 1_000

export type Transport = 'tcp' | 'tls' | 'ssh'

/** Live migrations from this host, each one call of libvirt that is as long as the migration. */
export class Migrations {
  /** By uuid, what libvirt said when a job ended. */
  private readonly ended = new Map<string, (stats: Said['stats']) => void>()

  constructor(
    private readonly connections: Connections,
    private readonly jobs: Jobs,
    private readonly clock: Clock,
    private readonly transport: Transport,
  ) {}

  /** For the event `jobCompleted`. */
  jobEnded(uuid: string, stats: Said['stats']): void {
    this.ended.get(uuid)?.(stats)
  }

  async migrate(request: MigrateRequest, control: OperationControl): Promise<MigrationReport> {
    const connection = await this.connections.get()
    const ref = await connection.domain.byUuid(request.uuid)
    const startedAt = this.clock.now()
    const lastWord = this.lastWord(request.uuid)
    const watch = new Watch(this.connections, this.jobs, ref, this.clock, control, request)
    try {
      await this.perform(connection, ref, request)
    } catch (error) {
      throw watch.explain(error)
    } finally {
      watch.stop()
    }
    const stats = await lastWord()
    return reportOf(stats, this.clock.now() - startedAt)
  }

  /** For one that goes on although the agent that asked for it has died: libvirt does it by itself. */
  async rejoin(uuid: string, control: OperationControl): Promise<MigrationReport | null> {
    const connection = await this.connections.get()
    const ref = await unlessGone(connection.domain.byUuid(uuid))
    if (!ref || ref.id === -1) return null
    const first = await this.whenKnown(uuid)
    if (first.kind !== 'migration-out') return null
    const startedAt = this.clock.now() - Number(first.stats.time_elapsed ?? 0)
    const lastWord = this.lastWord(uuid)
    const watch = new Watch(this.connections, this.jobs, ref, this.clock, control, null)
    try {
      while ((await this.whenKnown(uuid)).kind === 'migration-out') await sleep(this.clock, lookMs)
    } finally {
      watch.stop()
    }
    const stats = await lastWord()
    const left = await unlessGone(connection.domain.byUuid(uuid))
    if (!left || left.id === -1) return reportOf(stats, this.clock.now() - startedAt)
    throw watch.explain(new HypervisorError('failed', 'The migration failed; the VM stays where it was.'))
  }

  /** libvirt is busy with a domain that it moves more than with others: that it does not say so means nothing. */
  private async whenKnown(uuid: string): Promise<Job> {
    for (;;) {
      const job = await this.jobs.ask(uuid)
      if (job) return job
      await sleep(this.clock, lookMs)
    }
  }

  private async perform(connection: Connection, ref: Ref, request: MigrateRequest): Promise<void> {
    const address = request.targetAddress.includes(':') ? `[${request.targetAddress}]` : request.targetAddress
    const destination = `qemu+${this.transport}://${address}/system`
    const parameters: MigrationParameters = {
      uri: `tcp://${address}`,
      ...(await this.disksOf(connection, ref, request)),
    }
    if (request.bandwidthBytesPerSecond !== null) {
      const mib = Math.max(1, Math.round(request.bandwidthBytesPerSecond / 1024 ** 2))
      parameters.bandwidthMibps = mib
      if (request.postCopy) parameters.bandwidthPostCopyMibps = mib
    }
    let flags: number = MIGRATE.live | MIGRATE.persistDestination | MIGRATE.undefineSource
    if (request.disks.length > 0) flags |= MIGRATE.nonSharedDisk
    if (request.autoConverge) flags |= MIGRATE.autoConverge
    if (request.postCopy) flags |= MIGRATE.postCopy
    if (this.transport === 'tls') flags |= MIGRATE.tls
    // Whether storage is shared, control knows: both hosts showed it the same marker. libvirt knows few shared file
    // systems, and would refuse the others only after it has called the target.
    flags |= MIGRATE.unsafe
    await this.connections.apart((own) => own.migration.migrate(ref, destination, flags, parameters))
  }

  private async disksOf(
    connection: Connection,
    ref: Ref,
    { disks }: MigrateRequest,
  ): Promise<MigrationParameters> {
    if (disks.length === 0) return {}
    const flags = DOMAIN_XML.secure | DOMAIN_XML.migratable
    const [live, kept] = await Promise.all([
      connection.domain.xml(ref, flags),
      connection.domain.xml(ref, flags | DOMAIN_XML.inactive),
    ])
    const targets = parseDomain(live).disks.filter(({ path }) =>
      disks.some((disk) => disk.sourcePath === path),
    )
    return {
      disks: targets.map(({ target }) => target),
      destinationXml: withMovedDisks(live, disks),
      persistentXml: withMovedDisks(kept, disks),
    }
  }

  private lastWord(uuid: string): () => Promise<Said['stats'] | null> {
    let said: Said['stats'] | null = null
    let wake = () => {}
    this.ended.set(uuid, (stats) => {
      said = stats
      wake()
    })
    return async () => {
      if (!said) {
        await new Promise<void>((resolve) => {
          wake = resolve
          this.clock.setTimer(lastWordMs, resolve)
        })
      }
      this.ended.delete(uuid)
      return said
    }
  }
}

/** Looks at a migration while it goes on: tells how far it is, stops it when asked or too late, helps it when it hangs. */
class Watch {
  private readonly progress = new MigrationProgress()
  private readonly startedAt: number
  private over = false
  private late = false
  private tuned = false
  private postCopyAsked = false
  private cancel = () => {}

  constructor(
    private readonly connections: Connections,
    private readonly jobs: Jobs,
    private readonly ref: Ref,
    private readonly clock: Clock,
    private readonly control: OperationControl,
    private readonly request: MigrateRequest | null,
  ) {
    this.startedAt = clock.now()
    this.schedule()
  }

  stop(): void {
    this.over = true
    this.cancel()
  }

  /** Why it ended, when it did not end well. */
  explain(error: unknown): HypervisorError {
    if (error instanceof ConnectionClosedError) {
      return new HypervisorError('interrupted', 'libvirt went away in the middle of the migration.')
    }
    const ours = toHypervisorError(error)
    if (this.late) {
      const seconds = (this.request?.deadlineMs ?? 0) / 1000
      return new HypervisorError(
        'deadline',
        `The migration was not done within ${seconds} s; the VM stays where it was.`,
      )
    }
    if (this.control.signal?.aborted) {
      return new HypervisorError('aborted', 'The migration was stopped; the VM stays where it was.')
    }
    return ours
  }

  private schedule(): void {
    if (this.over) return
    this.cancel = this.clock.setTimer(lookMs, () => {
      this.look()
        .catch(() => {})
        .finally(() => this.schedule())
    })
  }

  private async look(): Promise<void> {
    const { connections, ref, request } = this
    const job = await this.jobs.ask(ref.uuid)
    if (job?.kind !== 'migration-out' || this.over) return
    this.control.onProgress?.(this.progress.read(job.stats))
    const deadlineMs = request?.deadlineMs ?? null
    if (deadlineMs !== null && this.clock.now() - this.startedAt >= deadlineMs) this.late = true
    if (this.late || this.control.signal?.aborted) return connections.apart((own) => own.migration.abort(ref))
    const { downtimeMs } = request ?? {}
    if (!this.tuned && downtimeMs) {
      await connections.apart((own) => own.migration.setMaxDowntime(ref, downtimeMs))
      this.tuned = true
    }
    if (request?.postCopy && !this.postCopyAsked && Number(job.stats.memory_iteration ?? 0) >= 2) {
      this.postCopyAsked = true
      await connections.apart((own) => own.migration.startPostCopy(ref))
    }
  }
}
