import { type Connection, isLibvirtError, pool, procedure, xdr } from '@drover/libvirt'
import { readBridges } from './files'

/** A network is a name and a uuid on the wire, as a pool is. */
const listNetworks = procedure(
  283,
  'list networks',
  xdr.struct({ wanted: xdr.bool, flags: xdr.uint }),
  xdr.struct({ networks: xdr.array(pool, 16_384), count: xdr.uint }),
)
const activeOnly = 2

/** Bridges of the host and active networks of libvirt; of those only `allowed`, when that is set. */
export async function readNetworks(connection: Connection, allowed: string[] | null): Promise<string[]> {
  if (allowed) return allowed
  const networks = await connection.call(listNetworks, { wanted: true, flags: activeOnly }).then(
    (answer) => answer.networks.map((network) => network.name),
    (error) => {
      // A libvirtd without the network driver has none.
      if (isLibvirtError(error)) return []
      throw error
    },
  )
  return [...new Set([...(await readBridges()), ...networks])].sort()
}
