import {
  type Change,
  type CommandResult,
  type DatastoreId,
  defaultHaSettings,
  type Event,
  emptyWorld,
  type FenceOrder,
  type Host,
  type HostId,
  type Initiator,
  lookedAfter,
  newHostLive,
  setRow,
  soundHost,
  type Task,
  type TaskId,
  type Vm,
  type World,
} from '@drover/model'
import type { CommandBody, Domain } from '@drover/protocol'
import type { Context } from '../context'
import type { Decide, Decision } from '../decision'
import { decideSightings } from '../host/sightings'
import { decideAdvance, decideResult } from '../task/result'
import { openTasks } from '../world/find'

/** What goes wrong with one command: not carried out, carried out and not known, carried out twice, or refused. */
export type Fault = 'lost' | 'unknown' | 'twice' | 'failed'

interface Guest {
  state: 'off' | 'running' | 'paused' | 'crashed'
  /** Why it is off, as its agent says it. */
  reason?: string
  paths: string[]
  text: string
}

const operator: Initiator = { kind: 'user', id: 'user-1', name: 'ada' }
const gib = 1024 ** 3

/**
 * A data centre for the engine's own tests: a world, and hosts that carry out commands at once. It knows which VM runs
 * where and which disks are whole, so that a test can ask what is really true. Three hosts; all share `shared`, each
 * has a `local`; the first has `web` (on `shared`) running.
 */
export class House {
  readonly world: World = emptyWorld()
  readonly events: Event['body'][] = []
  readonly commands: { hostId: HostId; body: CommandBody }[] = []
  readonly guests = new Map<HostId, Map<string, Guest>>()
  /** Whole disks, by real place: `shared/vms/…`, `host-1/vms/…`. */
  readonly disks = new Set<string>()
  readonly #parts = new Set<string>()
  /** Guests whose host went down under them. */
  readonly killed: string[] = []
  readonly #booting = new Set<HostId>()
  now = 1_000_000
  /** Asked for every command, counted from 0. */
  fault: (n: number, body: CommandBody) => Fault | null = () => null
  /** What a fence device makes of an order. */
  fence: (order: FenceOrder) => CommandResult = () => ({ ok: true, data: { power: 'off', message: '' } })
  /** Runs after every change of anything. */
  check: () => void = () => {}
  #ids: Record<string, number> = { datacenter: 1, cluster: 1, network: 1, host: 3, datastore: 4 }
  #uuids = 0

  constructor() {
    const { world } = this
    setRow(world, 'datacenter', 'datacenter-1', { id: 'datacenter-1', name: 'north' })
    const migrationLimits = { perHost: 2, perNetwork: 8, perDatastore: 8 }
    const cluster = {
      id: 'cluster-1',
      datacenterId: 'datacenter-1',
      name: 'blue',
      migrationLimits,
      ha: defaultHaSettings,
    } as const
    setRow(world, 'cluster', 'cluster-1', cluster)
    setRow(world, 'network', 'network-1', { id: 'network-1', datacenterId: 'datacenter-1', name: 'lan' })
    this.#datastore(1, 'shared')
    for (const n of [1, 2, 3]) {
      this.#datastore(n + 1, `local-${n}`)
      this.#host(n)
    }
    this.disks.add('shared/images/tiny.qcow2')
    this.addVm('web', 'host-1', 'datastore-1', 'running')
  }

  /** A VM that was here before the test: row, domain and disk. */
  addVm(name: string, hostId: HostId, datastoreId: DatastoreId, power: 'running' | 'off'): Vm {
    const id = this.#next('vm')
    const uuid = this.uuid()
    const path = `vms/${name}-${id}/disk0.qcow2`
    const vm: Vm = {
      id,
      clusterId: 'cluster-1',
      hostId,
      name,
      uuid,
      power,
      powerSince: this.now,
      powerReason: null,
      vcpus: 2,
      memoryBytes: gib,
      disks: [{ datastoreId, path, format: 'qcow2', sizeBytes: gib }],
      nics: [{ networkId: 'network-1', mac: '52:54:00:00:00:01' }],
      ...lookedAfter(power),
      notes: '',
      tags: [],
      createdAt: this.now,
    }
    setRow(this.world, 'vm', id, vm)
    const text = `definition of ${name}`
    setRow(this.world, 'definition', id, { id, version: 1, format: 'simulated', text, sha256: text })
    const place = this.#mount(hostId, datastoreId)
    this.guests.get(hostId)!.set(uuid, { state: power, paths: [`${place}/${path}`], text })
    this.disks.add(this.#real(hostId, `${place}/${path}`))
    return vm
  }

  uuid(): string {
    this.#uuids += 1
    return `00000000-0000-4000-8000-${String(this.#uuids).padStart(12, '0')}`
  }

  vm(name: string): Vm | undefined {
    return [...this.world.tables.vm.values()].find((vm) => vm.name === name)
  }

  task(id: TaskId): Task {
    return this.world.tables.task.get(id)!
  }

  host(id: HostId): Host {
    return this.world.tables.host.get(id)!
  }

  setHost(id: HostId, set: Partial<Host>): void {
    setRow(this.world, 'host', id, { ...this.host(id), ...set })
  }

  setVm(name: string, set: Partial<Vm>): void {
    const vm = this.vm(name)!
    setRow(this.world, 'vm', vm.id, { ...vm, ...set })
  }

  /** Where a VM really runs. */
  runsOn(uuid: string): HostId[] {
    return [...this.guests].flatMap(([id, guests]) => {
      const state = guests.get(uuid)?.state
      return state === 'running' || state === 'paused' ? [id] : []
    })
  }

  /** Whether every disk that its row names is really there and whole. */
  hasDisks(vm: Vm): boolean {
    return vm.disks.every((disk) =>
      this.disks.has(this.#real(vm.hostId, `${this.#mount(vm.hostId, disk.datastoreId)}/${disk.path}`)),
    )
  }

  decide<V>(decide: Decide<V>, initiator: Initiator = operator): Decision<V> {
    const ctx: Context = {
      now: this.now,
      ids: { next: (kind) => this.#next(kind) },
      uuid: () => this.uuid(),
      key: () => 'f'.repeat(64),
      initiator,
    }
    const decision = decide(this.world, ctx)
    if (decision.ok) this.#apply(decision.change)
    return decision
  }

  /** Decides, expecting to be accepted, and answers the value. */
  accepted<V>(decide: Decide<V>): V {
    const decision = this.decide(decide)
    if (!decision.ok) throw new Error(`refused: ${JSON.stringify(decision.refusals)}`)
    return decision.value
  }

  /** Lets everything happen that can: orders are carried out, waits pass; at most `moves`, then something is stuck. */
  run(moves = 1_000): void {
    for (let move = 0; move < moves; move += 1) if (!this.step()) return
    throw new Error(`does not come to rest: ${JSON.stringify(openTasks(this.world))}`)
  }

  /** One thing happens; false when nothing can. */
  step(): boolean {
    const before = this.events.length
    for (const { id } of openTasks(this.world)) this.decide((world, ctx) => decideAdvance(world, id, ctx))
    const out = openTasks(this.world).find(
      ({ command }) =>
        command && (command.hostId === 'control' || this.host(command.hostId).state === 'connected'),
    )
    if (out) {
      const { id: commandId, hostId, body } = out.command!
      const result =
        hostId === 'control' ? this.fence(body as FenceOrder) : this.#carryOut(hostId, body as CommandBody)
      this.decide((world, ctx) => decideResult(world, { hostId, commandId, result }, ctx))
      return true
    }
    if (this.events.length > before) return true
    const [rebooted] = this.#booting
    if (rebooted) {
      this.boot(rebooted)
      return true
    }
    const wakes = openTasks(this.world).flatMap(({ wakeAt }) => (wakeAt === null ? [] : [wakeAt]))
    if (wakes.length === 0) return false
    this.now = Math.max(this.now + 1, Math.min(...wakes))
    return true
  }

  /** A host comes up in another life: nothing runs there, and its agent says so. */
  boot(hostId: HostId): void {
    this.#booting.delete(hostId)
    this.now += 30_000
    for (const guest of this.guests.get(hostId)!.values()) guest.state = 'off'
    const { facts } = this.host(hostId)
    this.setHost(hostId, {
      state: 'connected',
      proof: null,
      facts: { ...facts!, bootId: `boot-${hostId}-${this.now}` },
    })
    this.world.live.set(hostId, { ...newHostLive(this.now), reportedAt: this.now })
  }

  /** An order that a host got before it fell silent: carried out, and nobody hears of it. */
  unheard(hostId: HostId, body: CommandBody): void {
    this.#do(hostId, body)
    this.check()
  }

  /** A host's agent says everything that it sees, as on a new line. */
  report(hostId: HostId): void {
    const domains = [...this.guests.get(hostId)!].map(([uuid, guest]) => this.#inspection(uuid, guest).domain)
    const live = this.world.live.get(hostId)!
    const before = live.seen
    live.reportedAt = this.now
    live.seen = new Map(
      domains.map(({ uuid, state, reason }) => {
        const was = before.get(uuid)
        const sinceAt = was?.state === state ? was.sinceAt : this.now
        return [uuid, { state, reason, moving: null, sinceAt, seenAt: this.now }] as const
      }),
    )
    const removed = [...before.keys()].filter((uuid) => !live.seen.has(uuid))
    this.accepted((w, c) => decideSightings(w, { hostId, domains, removed, full: true }, c))
  }

  #carryOut(hostId: HostId, body: CommandBody): CommandResult {
    const n = this.commands.length
    this.commands.push({ hostId, body })
    const fault = this.fault(n, body)
    this.now += 10
    if (fault === 'lost') return no('interrupted', 'the agent restarted')
    if (fault === 'failed') return no('failed', 'it did not work')
    const result = this.#do(hostId, body)
    this.check()
    if (fault === 'unknown') return no('interrupted', 'the agent restarted')
    if (fault !== 'twice') return result
    const again = this.#do(hostId, body)
    this.check()
    return again
  }

  #do(hostId: HostId, body: CommandBody): CommandResult {
    const guests = this.guests.get(hostId)!
    const real = (path: string) => this.#real(hostId, path)
    if ('uuid' in body) return this.#doVm(hostId, guests, body)
    switch (body.kind) {
      case 'host.shutdown':
        for (const [uuid, guest] of guests) {
          if (guest.state === 'running' || guest.state === 'paused') this.killed.push(uuid)
          guest.state = 'off'
        }
        this.setHost(hostId, { state: 'suspect', stateSince: this.now })
        if (body.reboot) this.#booting.add(hostId)
        return ok(null)
      case 'disk.info':
        return this.disks.has(real(body.path))
          ? ok({ sizeBytes: gib, fileBytes: 1_000, format: 'qcow2' })
          : no('not_found', `there is no ${body.path}`)
      case 'disk.clone':
        if (this.disks.has(real(body.targetPath))) return no('already_exists', `${body.targetPath} is there`)
        this.disks.add(real(body.targetPath))
        return ok({ bytes: 1_000, sha256: 'a'.repeat(64) })
      case 'disk.create':
        this.disks.add(real(body.targetPath))
        return ok(null)
      case 'disk.receive':
        this.#parts.add(real(body.targetPath))
        return ok({ port: 4_000 })
      case 'disk.send':
        return this.disks.has(real(body.sourcePath))
          ? ok({ bytes: 1_000, sha256: 'b'.repeat(64) })
          : no('not_found', `there is no ${body.sourcePath}`)
      case 'disk.commit':
        if (this.#parts.delete(real(body.targetPath))) this.disks.add(real(body.targetPath))
        return this.disks.has(real(body.targetPath)) ? ok(null) : no('not_found', 'nothing was received')
      case 'disk.delete':
        for (const path of body.paths) this.disks.delete(real(path))
        return ok(null)
      default:
        throw new Error(`no such order: ${JSON.stringify(body)}`)
    }
  }

  #doVm(
    hostId: HostId,
    guests: Map<string, Guest>,
    body: Extract<CommandBody, { uuid: string }>,
  ): CommandResult {
    const guest = guests.get(body.uuid)
    const set = (state: Guest['state']) => {
      if (guest) guest.state = state
      return guest ? ok(null) : no('not_found', 'there is no such VM')
    }
    switch (body.kind) {
      case 'vm.inspect':
        return ok(guest ? this.#inspection(body.uuid, guest) : { domain: null, definition: null })
      case 'vm.define': {
        const { from } = body
        const paths = from.kind === 'spec' ? from.spec.disks.map(({ path }) => path) : (from.diskPaths ?? [])
        const text = from.kind === 'spec' ? `definition of ${from.spec.name}` : from.definition.text
        guests.set(body.uuid, { state: guest?.state ?? 'off', paths, text: `${text} on ${hostId}` })
        return ok(definitionOf(guests.get(body.uuid)!))
      }
      case 'vm.change':
        if (!guest) return no('not_found', 'there is no such VM')
        guest.text = `${guest.text.split(' as ')[0]} as ${JSON.stringify([body.name, body.vcpus, body.memoryBytes])}`
        return ok(definitionOf(guest))
      case 'vm.undefine':
        if (guest && guest.state !== 'off' && guest.state !== 'crashed') return no('invalid_state', 'it runs')
        guests.delete(body.uuid)
        return ok(null)
      case 'vm.start':
      case 'vm.resume':
        return set('running')
      case 'vm.stop':
      case 'vm.shutdown':
        return set('off')
      case 'vm.suspend':
        return set('paused')
      case 'vm.reset':
      case 'vm.reboot':
        return guest ? ok(null) : no('not_found', 'there is no such VM')
      case 'vm.migrate': {
        const target = [...this.world.tables.host.values()].find(
          ({ address }) => address === body.targetAddress,
        )!
        if (guest?.state !== 'running') return no('invalid_state', 'it does not run')
        const moved = new Map(body.disks.map(({ sourcePath, targetPath }) => [sourcePath, targetPath]))
        const paths = guest.paths.map((path) => moved.get(path) ?? path)
        guests.delete(body.uuid)
        this.guests.get(target.id)!.set(body.uuid, { ...guest, paths })
        return ok({ totalMs: 900, downtimeMs: 40, bytes: 5_000 })
      }
      default:
        throw new Error(`no such order: ${JSON.stringify(body)}`)
    }
  }

  #inspection(uuid: string, guest: Guest) {
    const vm = this.world.tables.vm.get(this.world.index.vmByUuid.get(uuid) ?? 'vm-0')
    const domain: Domain = {
      uuid,
      name: vm?.name ?? 'unknown',
      state: guest.state,
      reason: guest.reason ?? null,
      vcpus: vm?.vcpus ?? 2,
      memoryBytes: vm?.memoryBytes ?? gib,
      disks: guest.paths.map((path) => ({ path, format: 'qcow2', sizeBytes: gib })),
      nics: vm?.nics.map(({ mac }) => ({ network: 'lan', mac })) ?? [],
      persistent: true,
      definitionSha256: guest.text,
      job: 'none',
    }
    return { domain, definition: definitionOf(guest) }
  }

  #apply(change: Change): void {
    for (const event of change) {
      this.events.push(event.body)
      for (const { table, id, row } of event.rows) setRow(this.world, table, id, row as never)
    }
    this.check()
  }

  #next<K extends string>(kind: K): `${K}-${number}` {
    this.#ids[kind] = (this.#ids[kind] ?? 0) + 1
    return `${kind}-${this.#ids[kind]}`
  }

  #mount(hostId: HostId, datastoreId: DatastoreId): string {
    return this.host(hostId).datastores.find((mount) => mount.datastoreId === datastoreId)!.path
  }

  /** The same storage is the same place, wherever it is mounted. */
  #real(hostId: HostId, path: string): string {
    return path.replace('/mnt/shared', 'shared').replace('/mnt/local', hostId)
  }

  #datastore(n: number, name: string): void {
    const id = `datastore-${n}` as const
    const images = n === 1 ? [tiny] : []
    const figures = { capacityBytes: 100 * gib, freeBytes: 50 * gib, images }
    setRow(this.world, 'datastore', id, {
      id,
      datacenterId: 'datacenter-1',
      name,
      uuid: this.uuid(),
      ...figures,
    })
  }

  #host(n: number): void {
    const id = `host-${n}` as const
    this.guests.set(id, new Map())
    this.world.live.set(id, { ...newHostLive(this.now), reportedAt: this.now })
    setRow(this.world, 'host', id, {
      id,
      clusterId: 'cluster-1',
      name: `esx-${n}`,
      address: `10.0.0.${n}`,
      state: 'connected',
      stateSince: this.now,
      mode: 'normal',
      modeReason: null,
      publicKey: '',
      facts: {
        hypervisor: { kind: 'simulated', version: '1', emulatorVersion: '1', accelerator: 'simulated' },
        cpu: { model: 'Epyc', vendor: 'AMD', features: ['avx', 'avx2'], cores: 8, mhz: 3_000 },
        memoryBytes: 16 * gib,
        reservedMemoryBytes: gib,
        agentVersion: '1',
        bootId: `boot-${n}`,
        selfFence: null,
      },
      datastores: [
        { datastoreId: 'datastore-1', path: '/mnt/shared' },
        { datastoreId: `datastore-${n + 1}`, path: '/mnt/local' },
      ],
      networks: ['network-1'],
      enrolledAt: this.now,
      ...soundHost,
    })
  }
}

const tiny = { path: 'images/tiny.qcow2', name: 'tiny', format: 'qcow2', sizeBytes: gib } as const

function definitionOf({ text }: Guest) {
  return { format: 'simulated', text, sha256: text }
}

function ok(data: unknown): CommandResult {
  return { ok: true, data }
}

function no(error: Extract<CommandResult, { ok: false }>['error'], message: string): CommandResult {
  return { ok: false, error, message }
}
