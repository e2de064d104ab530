import { type Host, type HostVerb, mayHost, type Refusal, type World } from '@drover/model'
import { tasksOn } from '../../world/find'

/** Every reason against a verb on this host, by the table that the buttons read. `except`: a task that asks for itself. */
export function situationOf(
  world: World,
  host: Host,
  verb: HostVerb,
  except: string | null = null,
): Refusal[] {
  const tasks = tasksOn(world, host.id).filter(({ id }) => id !== except)
  const devices = [...(world.index.fencesByHost.get(host.id) ?? [])]
  const fences = devices.filter((id) => world.tables.fence.get(id)?.enabled).length
  return mayHost(verb, { host, tasks, fences })
}
