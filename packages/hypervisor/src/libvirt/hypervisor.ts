import {
  AFFECT,
  type Connection,
  type Domain as Ref,
  STATS_GROUPS,
  STATS_OF,
  UNDEFINE,
} from '@drover/libvirt'
import type { HostUsage, VmUsage } from '@drover/model'
import type {
  DatastoreReport,
  Definition,
  DiskCopied,
  DiskInfo,
  DiskReceiver,
  Domain,
  MigrationReport,
  VmSpec,
} from '@drover/protocol'
import type { Clock } from '../clock'
import { cloneDisk, createDisk, deleteDisks } from '../disk/clone'
import { readDiskHeader } from '../disk/header'
import { commitDisk, Receivers, sendDisk } from '../disk/transfer'
import {
  type Hypervisor,
  HypervisorError,
  type HypervisorFacts,
  type MigrateRequest,
  type OperationControl,
} from '../port'
import { Connections } from './connections'
import { withDiskPaths, withoutTitle, withSize } from './domain/edit'
import { Inventory, readDefinition } from './domain/inventory'
import { Jobs } from './domain/jobs'
import { Migrations, type Transport } from './domain/migrate'
import { Orders } from './domain/order'
import { writeDomain } from './domain/write'
import { toHypervisorError } from './errors'
import { Datastores } from './host/datastores'
import { bridgesHere, type HostDescription, readFacts } from './host/facts'
import { readNetworks } from './host/networks'
import { UsageReader } from './host/usage'

export interface LibvirtOptions {
  socketPath: string
  /** How this host's libvirt reaches that of others. */
  migration: Transport
  /** Null: every bridge and libvirt network of the host. */
  networks: string[] | null
  /** `uuid`: what is there, as far as it is known. */
  datastores: { name: string; path: string; uuid?: string | null }[]
  /** A datastore was read for the first time; its uuid is to be given the next time. */
  onFound?: (path: string, uuid: string) => void
  /** Null: a twentieth, at most 2 GiB. */
  reservedMemoryBytes: number | null
  clock: Clock
  log: { warn(message: string, fields?: Record<string, unknown>): void }
}

/** Deadline of an order: libvirt waits half a minute for a busy domain, and QEMU may take its time to start or to end. */
const slow = { deadlineMs: 180_000 }
/** libvirt tells of one reboot twice. */
const rebootEchoMs = 1_000
const goneWith =
  UNDEFINE.managedSave | UNDEFINE.snapshotsMetadata | UNDEFINE.checkpointsMetadata | UNDEFINE.nvram

/** A host's QEMU by its libvirtd: asked and ordered over libvirt's RPC protocol; disks by QEMU's own tools. */
export class LibvirtHypervisor implements Hypervisor {
  private readonly connections: Connections
  /** Of their own, because QEMUs that hang keep them waiting. */
  private readonly asking: Connections
  private readonly measuring: Connections
  private readonly inventory: Inventory
  private readonly usageReader: UsageReader
  private readonly migrations: Migrations
  private readonly orders: Orders
  private readonly receivers: Receivers
  /** Copies end with the agent; what libvirt does goes on. */
  private readonly closing = new AbortController()
  private readonly listeners = new Set<(uuid: string) => void>()
  private readonly reboots = new Map<string, Set<() => void>>()
  private readonly rebootedAt = new Map<string, number>()
  private connectedBefore = false
  private description: Promise<HostDescription> | null = null
  private readonly storage: Datastores

  constructor(private readonly options: LibvirtOptions) {
    const { clock, socketPath, migration } = options
    this.connections = new Connections(socketPath, clock, (connection) => this.listen(connection))
    this.asking = new Connections(socketPath, clock)
    this.measuring = new Connections(socketPath, clock)
    const jobs = new Jobs(this.asking, clock)
    this.inventory = new Inventory(clock, jobs)
    this.usageReader = new UsageReader(clock)
    this.migrations = new Migrations(this.connections, jobs, clock, migration)
    this.orders = new Orders(this.connections, (uuid) => this.domain(uuid, true), clock)
    this.receivers = new Receivers(clock)
    this.storage = new Datastores(options)
  }

  async facts(): Promise<HypervisorFacts> {
    return (await this.host()).facts
  }

  usage(): Promise<{ host: HostUsage; vms: Map<string, VmUsage> }> {
    const read = async (connection: Connection) => {
      const { facts } = await this.host()
      return this.usageReader.read(connection, facts.cpu.cores)
    }
    return translated(this.measuring.use(read))
  }

  networks(): Promise<string[]> {
    return this.ask((connection) => readNetworks(connection, this.options.networks))
  }

  datastores(): Promise<DatastoreReport[]> {
    return this.storage.read()
  }

  domains(): Promise<Domain[]> {
    return this.ask((connection) => this.inventory.list(connection))
  }

  domain(uuid: string, sure = false): Promise<Domain | null> {
    return this.ask((connection) => this.inventory.one(connection, uuid, sure))
  }

  definition(uuid: string): Promise<Definition | null> {
    return this.ask((connection) => readDefinition(connection, { uuid }))
  }

  onChange(listener: (uuid: string) => void): () => void {
    this.listeners.add(listener)
    // Events come over a connection; have one.
    this.connections.get().catch(() => {})
    return () => this.listeners.delete(listener)
  }

  define(
    uuid: string,
    from: { spec: VmSpec } | { definition: Definition; diskPaths: string[] | null },
  ): Promise<Definition> {
    return this.ask(async (connection) => {
      await connection.domain.define(await this.definitionXml(from), 0, slow)
      await this.neverByItself(connection, uuid)
      return this.defined(connection, uuid)
    })
  }

  change(
    uuid: string,
    changes: { name: string | null; vcpus: number | null; memoryBytes: number | null },
  ): Promise<Definition> {
    return this.ask(async (connection) => {
      const ref = await connection.domain.byUuid(uuid)
      const { name, vcpus, memoryBytes } = changes
      const resized = vcpus !== null || memoryBytes !== null
      if (ref.id !== -1) {
        if (resized) {
          throw new HypervisorError(
            'invalid_state',
            `${ref.name} is on. Shut it down to change vCPUs or memory.`,
          )
        }
        // libvirt renames only what is off; the title is what people see until then.
        if (name !== null) {
          const where = AFFECT.live | AFFECT.config
          await this.connections.apart((own) => own.domain.setTitle(ref, name, where, slow))
        }
        return this.defined(connection, uuid)
      }
      if (name !== null && name !== ref.name) await connection.domain.rename(ref, name)
      const kept = await readDefinition(connection, ref)
      let xml = kept?.text ?? ''
      if (name !== null) xml = withoutTitle(xml)
      if (resized) xml = withSize(xml, { vcpus, memoryBytes })
      if (xml !== kept?.text) await connection.domain.define(xml, 0, slow)
      return this.defined(connection, uuid)
    })
  }

  undefine(uuid: string): Promise<void> {
    return this.ask(async (connection) => {
      const domain = await this.inventory.one(connection, uuid, false)
      if (!domain) return
      if (domain.state !== 'off' && domain.state !== 'crashed') {
        throw new HypervisorError('invalid_state', `${domain.name} is on. Stop it first.`)
      }
      await connection.domain.undefine({ uuid }, goneWith, slow)
      this.changed(uuid)
    })
  }

  start(uuid: string): Promise<void> {
    return this.ask(async (connection) => {
      const domain = await this.existing(connection, uuid)
      if (domain.state === 'running' || domain.state === 'paused') return
      if (domain.state === 'incoming') {
        throw new HypervisorError('busy', `${domain.name} is being migrated to this host.`)
      }
      await this.checkMemory(connection, domain)
      await this.neverByItself(connection, uuid)
      await this.orders.carryOut(uuid, (own) => own.domain.create({ uuid }, 0, slow), ['running', 'paused'])
    })
  }

  requestShutdown(uuid: string): Promise<void> {
    return this.ask(async (connection) => {
      await this.running(connection, uuid)
      await this.orders.carryOut(uuid, (own) => own.domain.shutdown({ uuid }, 0, slow), ['off', 'crashed'])
    })
  }

  stop(uuid: string): Promise<void> {
    return this.ask(async (connection) => {
      // Pulling the plug waits for nothing, least of all for a QEMU that hangs.
      const domain = await this.existing(connection, uuid, false)
      if (domain.state === 'off' || domain.state === 'crashed') return
      await this.orders.carryOut(uuid, (own) => own.domain.destroy({ uuid }, 0, slow), ['off', 'crashed'])
    })
  }

  reboot(uuid: string, deadlineMs: number): Promise<void> {
    return this.ask(async (connection) => {
      const domain = await this.running(connection, uuid)
      const rebooted = this.untilRebooted(uuid, domain.name, deadlineMs)
      const asked = this.connections.apart((own) => own.domain.reboot({ uuid }, 0, slow))
      asked.catch(rebooted.giveUp)
      await Promise.all([asked, rebooted.promise])
    })
  }

  reset(uuid: string): Promise<void> {
    return this.ask(async (connection) => {
      await this.running(connection, uuid)
      // Nothing shows afterwards whether it was done: without an answer it counts as failed.
      await this.connections.apart((own) => own.domain.reset({ uuid }, slow))
    })
  }

  suspend(uuid: string): Promise<void> {
    return this.ask(async (connection) => {
      const domain = await this.existing(connection, uuid)
      if (domain.state === 'paused') return
      if (domain.state !== 'running') throw off(domain)
      await this.orders.carryOut(uuid, (own) => own.domain.suspend({ uuid }, slow), ['paused'])
    })
  }

  resume(uuid: string): Promise<void> {
    return this.ask(async (connection) => {
      const domain = await this.existing(connection, uuid)
      if (domain.state === 'running') return
      if (domain.job !== 'none') throw new HypervisorError('busy', `${domain.name} is being migrated.`)
      if (domain.state !== 'paused') throw off(domain)
      await this.orders.carryOut(uuid, (own) => own.domain.resume({ uuid }, slow), ['running'])
    })
  }

  migrate(request: MigrateRequest, control: OperationControl): Promise<MigrationReport> {
    return this.ask(async (connection) => {
      const domain = await this.existing(connection, request.uuid)
      if (domain.state !== 'running' && domain.state !== 'paused') throw off(domain)
      if (domain.job !== 'none') {
        throw new HypervisorError('busy', `${domain.name} is busy: libvirt has a job on it (${domain.job}).`)
      }
      return this.migrations.migrate(request, control)
    })
  }

  rejoinMigration(uuid: string, control: OperationControl): Promise<MigrationReport | null> {
    return this.ask(() => this.migrations.rejoin(uuid, control))
  }

  async cloneDisk(
    sourcePath: string,
    targetPath: string,
    format: 'qcow2' | 'raw',
    sizeBytes: number | null,
    control: OperationControl,
  ): Promise<DiskCopied> {
    return translated(cloneDisk({ sourcePath, targetPath, format, sizeBytes }, this.untilClosed(control)))
  }

  createDisk(targetPath: string, format: 'qcow2' | 'raw', sizeBytes: number): Promise<void> {
    return translated(createDisk(targetPath, format, sizeBytes))
  }

  deleteDisks(paths: string[]): Promise<void> {
    return translated(deleteDisks(paths))
  }

  async diskInfo(path: string): Promise<DiskInfo> {
    const { sizeBytes, fileBytes, format } = await translated(readDiskHeader(path))
    return { sizeBytes, fileBytes, format }
  }

  receiveDisk(targetPath: string, sizeBytes: number, key: string): Promise<DiskReceiver> {
    return translated(this.receivers.receive(targetPath, sizeBytes, key))
  }

  sendDisk(
    sourcePath: string,
    to: { address: string; port: number; key: string },
    control: OperationControl,
  ): Promise<DiskCopied> {
    return translated(sendDisk(this.options.clock, sourcePath, to, this.untilClosed(control)))
  }

  commitDisk(targetPath: string, sha256: string): Promise<void> {
    return translated(commitDisk(targetPath, sha256))
  }

  async close(): Promise<void> {
    this.listeners.clear()
    this.closing.abort()
    this.orders.close()
    this.receivers.close()
    await Promise.all([this.connections, this.asking, this.measuring].map((each) => each.close()))
  }

  /** Every new connection brings events; between two of them anything may have happened, which the next look shows. */
  private async listen(connection: Connection): Promise<void> {
    // Another libvirtd than before, or the same one updated.
    if (this.connectedBefore) this.description = null
    this.connectedBefore = true
    const tell = ({ domain }: { domain: Ref }) => this.changed(domain.uuid)
    for (const name of [
      'lifecycle',
      'ioError',
      'metadataChange',
      'deviceAdded',
      'deviceRemoved',
      'tunable',
    ] as const) {
      await connection.on(name, tell)
    }
    await connection.on('migrationIteration', tell)
    await connection.on('jobCompleted', ({ domain, stats }) => {
      this.migrations.jobEnded(domain.uuid, stats)
      this.changed(domain.uuid)
    })
    await connection.on('reboot', ({ domain }) => this.rebooted(domain.uuid))
  }

  private rebooted(uuid: string): void {
    const now = this.options.clock.now()
    const echo = now - (this.rebootedAt.get(uuid) ?? 0) < rebootEchoMs
    this.rebootedAt.set(uuid, now)
    if (echo) return
    for (const wake of this.reboots.get(uuid) ?? []) wake()
    this.reboots.delete(uuid)
  }

  private untilClosed({ onProgress, signal }: OperationControl): OperationControl {
    const { signal: closing } = this.closing
    return { onProgress, signal: signal ? AbortSignal.any([signal, closing]) : closing }
  }

  private untilRebooted(uuid: string, name: string, deadlineMs: number) {
    const { clock } = this.options
    let giveUp = () => {}
    const promise = new Promise<void>((resolve, reject) => {
      const waiting = this.reboots.get(uuid) ?? new Set()
      this.reboots.set(uuid, waiting)
      giveUp = () => {
        late()
        waiting.delete(wake)
        resolve()
      }
      const wake = () => giveUp()
      waiting.add(wake)
      const late = clock.setTimer(deadlineMs, () => {
        waiting.delete(wake)
        reject(new HypervisorError('deadline', `${name} did not reboot within ${deadlineMs / 1000} s.`))
      })
    })
    return { promise, giveUp }
  }

  private changed(uuid: string): void {
    this.inventory.forget(uuid)
    for (const listener of this.listeners) listener(uuid)
  }

  private async defined(connection: Connection, uuid: string): Promise<Definition> {
    this.changed(uuid)
    const definition = await readDefinition(connection, { uuid })
    if (!definition) throw new HypervisorError('not_found', `There is no VM ${uuid} on this host.`)
    return definition
  }

  private async definitionXml(
    from: { spec: VmSpec } | { definition: Definition; diskPaths: string[] | null },
  ): Promise<string> {
    if ('spec' in from) {
      const { platform } = await this.host()
      return writeDomain(from.spec, { ...platform, isBridge: await bridgesHere(this.options.networks) })
    }
    const { definition, diskPaths } = from
    if (definition.format !== 'libvirt-xml') {
      throw new HypervisorError('unsupported', `A libvirt host cannot run a ${definition.format} definition.`)
    }
    return diskPaths ? withDiskPaths(definition.text, diskPaths) : definition.text
  }

  /**
   * A host that comes back after a failure must not start what runs elsewhere by now, so libvirt starts nothing at boot: that
   * is for control to decide.
   */
  private async neverByItself(connection: Connection, uuid: string): Promise<void> {
    // A transient VM has no such thing.
    const starts = await connection.domain.autostart({ uuid }).catch(() => false)
    if (starts) await connection.domain.setAutostart({ uuid }, false)
  }

  /** QEMU would begin to swap, or be killed later, where it should not have started. */
  private async checkMemory(connection: Connection, domain: Domain): Promise<void> {
    const { facts } = await this.host()
    // Not by their jobs: libvirt may be busy with some of them, as when many start at once.
    const question = { groups: STATS_GROUPS.balloon, flags: STATS_OF.active | STATS_OF.noWait }
    const others = (await connection.domain.stats(question, slow)).filter(
      (other) => other.domain.uuid !== domain.uuid,
    )
    const used = others.reduce((sum, { stats }) => sum + Number(stats['balloon.maximum'] ?? 0) * 1024, 0)
    const free = facts.memoryBytes - facts.reservedMemoryBytes - used
    if (domain.memoryBytes <= free) return
    const needed = `${domain.name} needs ${domain.memoryBytes} bytes of memory`
    throw new HypervisorError('no_memory', `${needed}; ${Math.max(0, free)} are free on this host.`)
  }

  private async existing(connection: Connection, uuid: string, sure = true): Promise<Domain> {
    const domain = await this.inventory.one(connection, uuid, sure)
    if (!domain) throw new HypervisorError('not_found', `There is no VM ${uuid} on this host.`)
    return domain
  }

  private async running(connection: Connection, uuid: string): Promise<Domain> {
    const domain = await this.existing(connection, uuid)
    if (domain.state === 'running') return domain
    throw new HypervisorError('invalid_state', `${domain.name} is not running.`)
  }

  private host(): Promise<HostDescription> {
    this.description ??= this.ask((connection) =>
      readFacts(connection, this.options.reservedMemoryBytes),
    ).catch((error) => {
      this.description = null
      throw error
    })
    return this.description
  }

  private async ask<T>(act: (connection: Connection) => Promise<T>): Promise<T> {
    return translated(this.connections.get().then(act))
  }
}

function off(domain: Domain): HypervisorError {
  return new HypervisorError('invalid_state', `${domain.name} is off.`)
}

async function translated<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise
  } catch (error) {
    throw toHypervisorError(error)
  }
}
