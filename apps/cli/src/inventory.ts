import type { Cluster, Datacenter, Datastore, Host, Network, Snapshot } from '@drover/model'
import type { Client } from './client'
import { pick } from './resolve'

/** Everything that Drover keeps, for commands that put names to several kinds of objects. */
export class Inventory {
  constructor(readonly rows: Snapshot['rows']) {}

  static async of(api: Client): Promise<Inventory> {
    return new Inventory((await api.inventory.snapshot.query()).rows)
  }

  datacenter = (given: string): Datacenter => pick(this.rows.datacenter, given, 'datacenter')
  cluster = (given: string): Cluster =>
    pick(this.rows.cluster, given, 'cluster', (cluster) => `in ${this.nameOf(cluster.datacenterId)}`)
  datastore = (given: string): Datastore => pick(this.rows.datastore, given, 'datastore')
  host = (given: string): Host =>
    pick(this.rows.host, given, 'host', (host) => `in ${this.nameOf(host.clusterId)}`)
  network = (given: string): Network => pick(this.rows.network, given, 'network')

  /** The one there is, when nothing was said; else what was said. */
  onlyCluster(given: string | undefined): Cluster | null {
    if (given !== undefined) return this.cluster(given)
    return this.rows.cluster.length === 1 ? (this.rows.cluster[0] as Cluster) : null
  }

  /** The name of any object by its id; the id where it is gone. */
  nameOf(id: string | null | undefined): string {
    if (!id) return '-'
    const table = id.slice(0, id.indexOf('-')) as 'host'
    return this.rows[table]?.find((row) => row.id === id)?.name ?? id
  }
}
