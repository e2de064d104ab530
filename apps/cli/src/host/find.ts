import type { Host } from '@drover/model'
import type { Client } from '../client'
import { pick } from '../resolve'

/** The host that is meant by a name or an id. */
export async function findHost(api: Client, given: string): Promise<Host> {
  return pick(await api.host.list.query({}), given, 'host', (host) => `in ${host.clusterId}`)
}
