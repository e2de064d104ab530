import type { Vm } from '@drover/model'
import type { Client } from '../client'
import { pick } from '../resolve'

/** The VM that is meant by a name or an id. */
export async function findVm(api: Client, given: string): Promise<Vm> {
  return pick(await api.vm.list.query({}), given, 'VM', (vm) => `on ${vm.hostId}, ${vm.power}`)
}
