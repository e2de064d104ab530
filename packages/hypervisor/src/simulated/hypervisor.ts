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
import { sleep } from '../clock'
import {
  type Hypervisor,
  HypervisorError,
  type HypervisorFacts,
  type MigrateRequest,
  type OperationControl,
} from '../port'
import type { SimulatedDatacenter } from './datacenter'
import { readDefinition, writeDefinition } from './definition'
import { cloneDisk, commitDisk, receiveDisk, sendDisk } from './disk-copy'
import { prepareIncoming } from './incoming'
import { Migration } from './migration'
import { isActive, type SimulatedDomain, type SimulatedHost } from './parts'
import { failSoon, troubleOf } from './trouble'
import { readUsage } from './usage'

/**
 * One simulated host's hypervisor, as its agent sees it. `close` is what happens when the agent's process ends: copies
 * it was making stop, whatever the hypervisor itself does goes on.
 */
export class SimulatedHypervisor implements Hypervisor {
  private readonly host: SimulatedHost
  private readonly closing = new AbortController()
  private readonly definitions = new WeakMap<SimulatedDomain, Definition>()

  constructor(
    private readonly datacenter: SimulatedDatacenter,
    hostName: string,
  ) {
    this.host = datacenter.host(hostName)
  }

  async facts(): Promise<HypervisorFacts> {
    this.checkOn()
    const { is } = this.host
    return {
      hypervisor: { kind: 'simulated', version: '1.0.0', emulatorVersion: '1.0.0', accelerator: 'simulated' },
      cpu: {
        model: is.cpuModel,
        vendor: is.cpuVendor,
        features: [...is.cpuFeatures],
        cores: is.cores,
        mhz: is.mhz,
      },
      memoryBytes: is.memoryBytes,
      reservedMemoryBytes: is.reservedMemoryBytes,
    }
  }

  async usage(): Promise<{ host: HostUsage; vms: Map<string, VmUsage> }> {
    this.checkOn()
    return readUsage(this.datacenter, this.host)
  }

  async networks(): Promise<string[]> {
    this.checkOn()
    return [...this.host.is.networks]
  }

  async datastores(): Promise<DatastoreReport[]> {
    this.checkOn()
    return this.datacenter.disks.report(this.host)
  }

  async domains(): Promise<Domain[]> {
    this.checkOn()
    return [...this.host.domains.values()].map((domain) => this.look(domain))
  }

  async domain(uuid: string): Promise<Domain | null> {
    this.checkOn()
    const domain = this.host.domains.get(uuid)
    return domain ? this.look(domain) : null
  }

  async definition(uuid: string): Promise<Definition | null> {
    this.checkOn()
    const domain = this.host.domains.get(uuid)
    return domain ? this.definitionOf(domain) : null
  }

  onChange(listener: (uuid: string) => void): () => void {
    return this.datacenter.listen(this.host.is.name, (uuid) => {
      if (!this.closing.signal.aborted) listener(uuid)
    })
  }

  async define(
    uuid: string,
    from: { spec: VmSpec } | { definition: Definition; diskPaths: string[] | null },
  ): Promise<Definition> {
    await this.takes(20, 60)
    this.datacenter.trip('define', this.host.is.name, uuid)
    const spec = 'spec' in from ? from.spec : readDefinition(from.definition, from.diskPaths)
    const old = this.host.domains.get(uuid)
    if (old?.state === 'incoming') throw busy(old, 'it is being migrated to this host')
    const namesake = [...this.host.domains.values()].find((d) => d.name === spec.name && d.uuid !== uuid)
    if (namesake) {
      throw new HypervisorError('already_exists', `${this.host.is.name} has another VM named ${spec.name}.`)
    }
    const described = {
      name: spec.name,
      vcpus: spec.vcpus,
      memoryBytes: spec.memoryBytes,
      disks: spec.disks.map(({ path, format }) => ({ path, format })),
      nics: spec.nics.map(({ network, mac }) => ({ network, mac })),
      ...(spec.bound === undefined ? {} : { bound: spec.bound }),
      persistent: true,
    }
    const domain: SimulatedDomain = old
      ? Object.assign(old, old.guest ? { persistent: true } : described)
      : { uuid, ...described, state: 'off', reason: null, job: 'none', guest: null }
    this.host.domains.set(uuid, domain)
    this.definitions.delete(domain)
    this.changed(uuid)
    return this.definitionOf(domain)
  }

  async change(
    uuid: string,
    changes: { name: string | null; vcpus: number | null; memoryBytes: number | null },
  ): Promise<Definition> {
    await this.takes(20, 60)
    const domain = this.get(uuid)
    if (isActive(domain) && (changes.vcpus !== null || changes.memoryBytes !== null)) {
      throw new HypervisorError(
        'invalid_state',
        `${domain.name} is on. Shut it down to change vCPUs or memory.`,
      )
    }
    domain.name = changes.name ?? domain.name
    domain.vcpus = changes.vcpus ?? domain.vcpus
    domain.memoryBytes = changes.memoryBytes ?? domain.memoryBytes
    this.definitions.delete(domain)
    this.changed(uuid)
    return this.definitionOf(domain)
  }

  async undefine(uuid: string): Promise<void> {
    await this.takes(10, 40)
    const domain = this.host.domains.get(uuid)
    if (!domain) return
    if (isActive(domain)) throw new HypervisorError('invalid_state', `${domain.name} is on. Stop it first.`)
    this.host.domains.delete(uuid)
    this.changed(uuid)
  }

  async start(uuid: string): Promise<void> {
    await this.takes(250, 800)
    const domain = this.get(uuid)
    if (domain.guest) return
    if (domain.state === 'incoming') throw busy(domain, 'it is being migrated to this host')
    this.datacenter.trip('start', this.host.is.name, uuid)
    const missing = domain.nics.find((nic) => !this.host.is.networks.includes(nic.network))
    if (missing) {
      throw new HypervisorError('failed', `${this.host.is.name} has no network ${missing.network}.`)
    }
    const free = this.datacenter.freeMemory(this.host)
    if (free < domain.memoryBytes) {
      const needed = `${domain.name} needs ${domain.memoryBytes} bytes of memory`
      throw new HypervisorError('no_memory', `${needed}; ${this.host.is.name} has ${free} free.`)
    }
    const paths = domain.disks.map((disk) => disk.path)
    this.datacenter.disks.checkWritable(this.host, paths)
    domain.state = 'running'
    domain.reason = null
    this.boot(domain)
    this.changed(uuid)
  }

  async requestShutdown(uuid: string): Promise<void> {
    await this.takes(5, 20)
    const domain = this.running(uuid)
    const { guest } = domain
    if (!guest || this.now() < guest.bootedAt) return
    this.inGuest(domain, this.latency(1_500, 5_000), () => {
      this.datacenter.settle(this.host, domain)
      this.end(domain, null)
    })
  }

  async stop(uuid: string): Promise<void> {
    await this.takes(50, 150)
    const domain = this.get(uuid)
    if (domain.state === 'incoming') {
      this.host.domains.delete(uuid)
      return this.changed(uuid)
    }
    if (!domain.guest) return
    this.datacenter.trip('stop', this.host.is.name, uuid)
    this.datacenter.settle(this.host, domain)
    this.end(domain, null)
  }

  async reboot(uuid: string, deadlineMs: number): Promise<void> {
    const asked = this.now()
    await this.takes(5, 20)
    const domain = this.running(uuid)
    const { guest } = domain
    if (guest && this.now() >= guest.bootedAt) {
      this.inGuest(domain, this.latency(1_500, 4_000), () => {
        this.datacenter.settle(this.host, domain)
        this.boot(domain)
        this.changed(uuid)
      })
    }
    const before = guest?.bootId
    while (this.now() - asked < deadlineMs) {
      const now = this.host.domains.get(uuid)
      if (!now?.guest)
        throw new HypervisorError('invalid_state', `${domain.name} went off instead of rebooting.`)
      if (now.guest.bootId !== before) return
      await sleep(this.datacenter.clock, Math.min(200, Math.max(1, deadlineMs - (this.now() - asked))))
      this.checkOn()
    }
    throw new HypervisorError('deadline', `${domain.name} did not reboot within ${deadlineMs / 1000} s.`)
  }

  async reset(uuid: string): Promise<void> {
    await this.takes(10, 40)
    const domain = this.running(uuid)
    this.datacenter.settle(this.host, domain)
    this.boot(domain)
    this.changed(uuid)
  }

  async suspend(uuid: string): Promise<void> {
    await this.takes(5, 30)
    const domain = this.get(uuid)
    if (!domain.guest) throw new HypervisorError('invalid_state', `${domain.name} is off.`)
    if (domain.state === 'paused') return
    this.datacenter.settle(this.host, domain)
    domain.guest.countingSince = null
    domain.state = 'paused'
    this.changed(uuid)
  }

  async resume(uuid: string): Promise<void> {
    await this.takes(5, 30)
    const domain = this.get(uuid)
    if (!domain.guest) throw new HypervisorError('invalid_state', `${domain.name} is off.`)
    if (domain.state === 'running') return
    if (domain.reason === 'migration') throw busy(domain, 'it is being migrated')
    domain.state = 'running'
    domain.reason = null
    this.goOn(domain)
    this.changed(uuid)
  }

  async migrate(request: MigrateRequest, control: OperationControl): Promise<MigrationReport> {
    await this.takes(100, 300)
    const domain = this.get(request.uuid)
    if (!domain.guest) throw new HypervisorError('invalid_state', `${domain.name} is not running.`)
    if (domain.job !== 'none') throw busy(domain, 'it is being migrated already')
    const target = this.datacenter.hostByAddress(request.targetAddress)
    if (!target || !this.datacenter.reachable(this.host.is.name, target.is.name)) {
      throw new HypervisorError('unreachable', `${this.host.is.name} cannot reach ${request.targetAddress}.`)
    }
    if (domain.bound) throw new HypervisorError('unsupported', `${domain.name} ${domain.bound}.`)
    this.datacenter.trip('migrate', this.host.is.name, request.uuid, 0)
    const incoming = prepareIncoming(this.datacenter, this.host, domain, target, request)
    const migration = new Migration(this.datacenter, this.host, target, domain, incoming, request)
    return this.follow(migration, control)
  }

  async rejoinMigration(uuid: string, control: OperationControl): Promise<MigrationReport | null> {
    await this.takes(5, 20)
    const migration = this.datacenter.migrations.get(uuid)
    if (!migration || migration.sourceName !== this.host.is.name) return null
    return this.follow(migration, control)
  }

  async cloneDisk(
    sourcePath: string,
    targetPath: string,
    format: 'qcow2' | 'raw',
    sizeBytes: number | null,
    control: OperationControl,
  ): Promise<DiskCopied> {
    await this.takes(10, 50)
    const ends = { datacenter: this.datacenter, host: this.host, closing: this.closing.signal }
    return cloneDisk(ends, { sourcePath, targetPath, format, sizeBytes }, control)
  }

  async createDisk(targetPath: string, format: 'qcow2' | 'raw', sizeBytes: number): Promise<void> {
    await this.takes(10, 50)
    const there = this.datacenter.disks.find(this.host, targetPath)
    if (there) {
      if (there.sizeBytes === sizeBytes) return
      throw new HypervisorError('already_exists', `${targetPath} is there already, with another size.`)
    }
    const file = { format, sizeBytes, fileBytes: 200_000, origin: 'empty', counter: 0 }
    this.datacenter.disks.create(this.host, targetPath, file)
  }

  async deleteDisks(paths: string[]): Promise<void> {
    await this.takes(10, 50)
    const { disks } = this.datacenter
    for (const path of paths) {
      const file = disks.find(this.host, path)
      const writer = file ? disks.writer(file) : null
      if (writer) throw new HypervisorError('disk_locked', `${path} is in use by a VM on ${writer.host}.`)
    }
    for (const path of paths) {
      disks.remove(this.host, path)
      disks.remove(this.host, `${path}.part`)
    }
  }

  async diskInfo(path: string): Promise<DiskInfo> {
    await this.takes(5, 30)
    const { sizeBytes, fileBytes, format } = this.datacenter.disks.get(this.host, path)
    return { sizeBytes, fileBytes, format }
  }

  async receiveDisk(targetPath: string, sizeBytes: number, key: string): Promise<DiskReceiver> {
    await this.takes(10, 30)
    return receiveDisk({ datacenter: this.datacenter, host: this.host }, targetPath, sizeBytes, key)
  }

  async sendDisk(
    sourcePath: string,
    to: { address: string; port: number; key: string },
    control: OperationControl,
  ): Promise<DiskCopied> {
    await this.takes(10, 50)
    const ends = { datacenter: this.datacenter, host: this.host, closing: this.closing.signal }
    return sendDisk(ends, sourcePath, to, control)
  }

  async commitDisk(targetPath: string, sha256: string): Promise<void> {
    await this.takes(10, 50)
    commitDisk({ datacenter: this.datacenter, host: this.host }, targetPath, sha256)
  }

  async close(): Promise<void> {
    this.closing.abort()
  }

  private follow(migration: Migration, control: OperationControl): Promise<MigrationReport> {
    const { onProgress, signal } = control
    const abort = () => migration.abort('aborted', 'The migration was stopped; the VM stays where it was.')
    if (onProgress) migration.watchers.add(onProgress)
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort)
    return migration.finished.finally(() => {
      signal?.removeEventListener('abort', abort)
      if (onProgress) migration.watchers.delete(onProgress)
    })
  }

  private boot(domain: SimulatedDomain): void {
    const bootedAt = this.now() + this.latency(6_000, 15_000)
    const first = domain.disks[0]
    const file = first ? this.datacenter.disks.find(this.host, first.path) : null
    // It goes on from what its disk says: a stale disk shows as a counter that went back.
    const counter = file?.counter ?? 0
    domain.guest = { counter, countingSince: null, bootId: this.datacenter.nextBootId(), bootedAt }
    this.goOn(domain)
  }

  private goOn(domain: SimulatedDomain): void {
    this.datacenter.count(this.host, domain)
    if (troubleOf(this.datacenter, this.host, domain) === 'failing')
      failSoon(this.datacenter, this.host, domain)
  }

  /** What the guest's own system does after a while, if by then it is still the same boot, here, and running. */
  private inGuest(domain: SimulatedDomain, ms: number, then: () => void): void {
    const { guest } = domain
    this.datacenter.clock.setTimer(ms, () => {
      if (domain.guest !== guest || domain.state !== 'running') return
      if (this.host.frozen) this.inGuest(domain, ms, then)
      else then()
    })
  }

  private end(domain: SimulatedDomain, reason: string | null): void {
    domain.guest = null
    domain.state = 'off'
    domain.reason = reason
    if (!domain.persistent) this.host.domains.delete(domain.uuid)
    this.changed(domain.uuid)
  }

  private look(domain: SimulatedDomain): Domain {
    const { uuid, name, state, reason, vcpus, memoryBytes, nics, bound, persistent, job } = domain
    return {
      uuid,
      name,
      state,
      reason,
      vcpus,
      memoryBytes,
      disks: domain.disks.map(({ path, format }) => ({
        path,
        format,
        sizeBytes: this.datacenter.disks.find(this.host, path)?.sizeBytes ?? 0,
      })),
      nics: nics.map((nic) => ({ ...nic })),
      ...(bound === undefined ? {} : { bound }),
      persistent,
      definitionSha256: this.definitionOf(domain).sha256,
      job,
    }
  }

  private definitionOf(domain: SimulatedDomain): Definition {
    let definition = this.definitions.get(domain)
    if (!definition) {
      definition = writeDefinition(domain)
      this.definitions.set(domain, definition)
    }
    return definition
  }

  private get(uuid: string): SimulatedDomain {
    const domain = this.host.domains.get(uuid)
    if (!domain) throw new HypervisorError('not_found', `${this.host.is.name} has no VM ${uuid}.`)
    return domain
  }

  private running(uuid: string): SimulatedDomain {
    const domain = this.get(uuid)
    if (domain.state === 'running' && domain.guest) return domain
    throw new HypervisorError('invalid_state', `${domain.name} is not running.`)
  }

  /** Lets the time of an operation pass. Rejects when the host lost its power meanwhile. */
  private async takes(least: number, most: number): Promise<void> {
    this.checkOn()
    const { life } = this.host
    await sleep(this.datacenter.clock, this.latency(least, most))
    while (this.host.frozen) await this.host.frozen.opened
    if (!this.host.on || this.host.life !== life) throw this.off()
  }

  private latency(least: number, most: number): number {
    return this.datacenter.latency(this.host, least, most)
  }

  private checkOn(): void {
    if (!this.host.on) throw this.off()
  }

  private off(): HypervisorError {
    return new HypervisorError('unreachable', `${this.host.is.name} is off.`)
  }

  private now(): number {
    return this.datacenter.clock.now()
  }

  private changed(uuid: string): void {
    this.datacenter.changed(this.host, uuid)
  }
}

function busy(domain: SimulatedDomain, why: string): HypervisorError {
  return new HypervisorError('busy', `${domain.name} is busy: ${why}.`)
}
