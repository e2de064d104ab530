import type { TypedParam } from '../protocol/typed-params'

/** VIR_MIGRATE_PARAM_*: how to migrate, beyond the flags. */
export interface MigrationParameters {
  /** Where the data goes (`tcp://10.0.1.2`), when it is not the way that libvirtd chooses: a migration network. */
  uri?: string
  /** Name on the destination. */
  destinationName?: string
  /** XML of the running domain on the destination: other paths, another bridge. */
  destinationXml?: string
  /** XML of the definition on the destination. */
  persistentXml?: string
  bandwidthMibps?: number
  bandwidthPostCopyMibps?: number
  graphicsUri?: string
  /** Address on which the destination listens for the data. */
  listenAddress?: string
  /** Targets (`vda`) of the disks to copy; all that are not shared when left out. */
  disks?: string[]
  disksPort?: number
  disksUri?: string
  /** Methods: `mt`, `xbzrle`, `zlib`, `zstd`. */
  compression?: string[]
  compressionXbzrleCacheBytes?: number
  compressionZlibLevel?: number
  compressionZstdLevel?: number
  /** Percent of CPU time to take from the guest at first, and by how much more each time. */
  autoConvergeInitial?: number
  autoConvergeIncrement?: number
  parallelConnections?: number
  tlsDestination?: string
}

type Key = keyof MigrationParameters
type Scalar = Exclude<TypedParam['type'], 'boolean'>

const TABLE: Record<Key, [name: string, type: Scalar]> = {
  uri: ['migrate_uri', 'string'],
  destinationName: ['destination_name', 'string'],
  destinationXml: ['destination_xml', 'string'],
  persistentXml: ['persistent_xml', 'string'],
  bandwidthMibps: ['bandwidth', 'ullong'],
  bandwidthPostCopyMibps: ['bandwidth.postcopy', 'ullong'],
  graphicsUri: ['graphics_uri', 'string'],
  listenAddress: ['listen_address', 'string'],
  disks: ['migrate_disks', 'string'],
  disksPort: ['disks_port', 'int'],
  disksUri: ['disks_uri', 'string'],
  compression: ['compression', 'string'],
  compressionXbzrleCacheBytes: ['compression.xbzrle.cache', 'ullong'],
  compressionZlibLevel: ['compression.zlib.level', 'int'],
  compressionZstdLevel: ['compression.zstd.level', 'int'],
  autoConvergeInitial: ['auto_converge.initial', 'int'],
  autoConvergeIncrement: ['auto_converge.increment', 'int'],
  parallelConnections: ['parallel.connections', 'int'],
  tlsDestination: ['tls.destination', 'string'],
}

/** The parameters as libvirt wants them; a list becomes one parameter per item. */
export function toTypedParams(parameters: MigrationParameters): TypedParam[] {
  return Object.entries(parameters).flatMap(([key, value]) => {
    if (value === undefined) return []
    const [name, type] = TABLE[key as Key]
    const items: (string | number)[] = Array.isArray(value) ? value : [value]
    return items.map((item) => ({ name, type, value: item }) as TypedParam)
  })
}
