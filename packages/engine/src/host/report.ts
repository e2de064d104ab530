import {
  type Change,
  type Datastore,
  type DatastoreId,
  type Host,
  type HostFacts,
  type HostId,
  type Network,
  type NetworkId,
  refOf,
  type World,
} from '@drover/model'
import type { DatastoreReport, Report } from '@drover/protocol'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { datastoreByUuid, networkByName } from '../vm/rows'
import { Changes } from '../world/changes'
import { vmsOn } from '../world/find'
import { put } from '../world/rows'
import { booted, heard } from './liveness'

/** Free space moves all the time; only steps of this share of the capacity are worth a line of history. */
const worthSaying = 0.01

/**
 * Brings a host's own rows up to its report: state, facts, datastores, networks. Its VMs come after, as a decision of
 * their own (`decideSightings`), which then knows the datastores and networks found here.
 */
export function decideReport(
  world: World,
  { hostId, report }: { hostId: HostId; report: Pick<Report, 'facts' | 'datastores' | 'networks'> },
  ctx: Context,
): Decision {
  const before = world.tables.host.get(hostId)
  if (!before) return refuse([{ code: 'not_found', noun: 'host', id: hostId }])
  const changes = new Changes(world, ctx, { initiator: { kind: 'drover' } })
  booted(changes, hostId, report.facts.bootId)
  heard(changes, hostId, 'its agent reports')
  const found = new HostReport(world, changes.get('host', hostId)!, changes.events, ctx)
  found.facts(report.facts)
  found.datastores(report.datastores)
  found.networks(report.networks)
  return accept(found.change, null)
}

class HostReport {
  constructor(
    private readonly world: World,
    private host: Host,
    readonly change: Change,
    private readonly ctx: Context,
  ) {}

  facts(facts: HostFacts): void {
    const { facts: was } = this.host
    const fields = Object.keys({ ...was, ...facts }).filter(
      (field) => comparable(facts, field) !== (was ? comparable(was, field) : undefined),
    )
    if (fields.length > 0) this.#write({ facts }, { kind: 'host.facts', host: refOf(this.host), fields })
  }

  datastores(reported: DatastoreReport[]): void {
    for (const { images, ...rest } of reported) {
      const seen = {
        ...rest,
        images: images.map((image) => ({ ...image, path: within(rest.path, image.path) })),
      }
      const known = datastoreByUuid(this.world, seen.uuid)
      const datastore = known ? this.#figures(known, seen) : this.#newDatastore(seen)
      const mount = { datastoreId: datastore.id, path: seen.path }
      const others = this.host.datastores.filter(({ datastoreId }) => datastoreId !== datastore.id)
      const was = this.host.datastores.find(({ datastoreId }) => datastoreId === datastore.id)
      if (was?.path === seen.path && was.lostAt === undefined) continue
      const shared = this.#isElsewhere(datastore.id)
      const rows = known ? [] : [put('datastore', datastore)]
      this.#write(
        { datastores: [...others, mount] },
        { kind: 'datastore.found', datastore: refOf(datastore), host: refOf(this.host), shared },
        rows,
      )
    }
    const uuids = new Set(reported.map(({ uuid }) => uuid))
    for (const mount of this.host.datastores) {
      const { datastoreId, lostAt } = mount
      const datastore = this.world.tables.datastore.get(datastoreId)
      if (!datastore || uuids.has(datastore.uuid)) continue
      const used = this.#isUsed(datastoreId)
      if (used && lostAt !== undefined) continue
      const others = this.host.datastores.filter((other) => other.datastoreId !== datastoreId)
      const datastores = used ? [...others, { ...mount, lostAt: this.ctx.now }] : others
      this.#write(
        { datastores },
        { kind: 'datastore.lost', datastore: refOf(datastore), host: refOf(this.host) },
      )
    }
  }

  networks(names: string[]): void {
    const { datacenterId } = this.world.tables.cluster.get(this.host.clusterId)!
    const ids: NetworkId[] = []
    for (const name of new Set(names)) {
      const known = networkByName(this.world, datacenterId, name)
      const network: Network = known ?? { id: this.ctx.ids.next('network'), datacenterId, name }
      ids.push(network.id)
      if (this.host.networks.includes(network.id)) continue
      const networks = [...this.host.networks, network.id]
      this.#write(
        { networks },
        { kind: 'network.found', network: refOf(network), host: refOf(this.host) },
        known ? [] : [put('network', network)],
      )
    }
    const networks = this.host.networks.filter((id) => ids.includes(id))
    if (networks.length < this.host.networks.length)
      this.#write({ networks }, { kind: 'host.facts', host: refOf(this.host), fields: ['networks'] })
  }

  #figures(known: Datastore, { capacityBytes, freeBytes, images }: DatastoreReport): Datastore {
    const moved = Math.abs(freeBytes - known.freeBytes) > worthSaying * Math.max(1, capacityBytes)
    const changed =
      moved ||
      capacityBytes !== known.capacityBytes ||
      JSON.stringify(images) !== JSON.stringify(known.images)
    if (!changed) return known
    const datastore = { ...known, capacityBytes, freeBytes, images }
    this.change.push({
      body: { kind: 'datastore.changed', datastore: refOf(datastore) },
      initiator: { kind: 'drover' },
      rows: [put('datastore', datastore)],
    })
    return datastore
  }

  #newDatastore({ uuid, name, capacityBytes, freeBytes, images }: DatastoreReport): Datastore {
    const { datacenterId } = this.world.tables.cluster.get(this.host.clusterId)!
    const taken = [...this.world.tables.datastore.values()].some(
      (other) => other.datacenterId === datacenterId && other.name === name,
    )
    return {
      id: this.ctx.ids.next('datastore'),
      datacenterId,
      // Every host may have a "local": the name says whose.
      name: taken ? `${name} (${this.host.name})` : name,
      uuid,
      capacityBytes,
      freeBytes,
      images,
    }
  }

  /** Whether VMs of this host have disks there: they are not to lose the knowledge of where those are. */
  #isUsed(id: DatastoreId): boolean {
    return vmsOn(this.world, this.host.id).some((vm) =>
      vm.disks.some(({ datastoreId }) => datastoreId === id),
    )
  }

  #isElsewhere(id: DatastoreId): boolean {
    for (const host of this.world.tables.host.values())
      if (host.id !== this.host.id && host.datastores.some(({ datastoreId }) => datastoreId === id))
        return true
    return false
  }

  #write(set: Partial<Host>, body: Change[number]['body'], rows: Change[number]['rows'] = []): void {
    this.host = { ...this.host, ...set }
    this.change.push({ body, initiator: { kind: 'drover' }, rows: [...rows, put('host', this.host)] })
  }
}

/** A path of a host relative to a datastore's root there: hosts that share a datastore may mount it in different places. */
function within(root: string, path: string): string {
  const folder = `${root.replace(/\/+$/, '')}/`
  return path.startsWith(folder) ? path.slice(folder.length) : path
}

/** A field of the facts as text; a CPU's clock rate changes with its load and is no news. */
function comparable(facts: HostFacts, field: string): string {
  const value = (facts as unknown as Record<string, unknown>)[field]
  return JSON.stringify(field === 'cpu' ? { ...facts.cpu, mhz: 0 } : value)
}
