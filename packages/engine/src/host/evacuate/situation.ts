import { type Host, type HostVerb, mayHost, type Refusal, refOf, type World } from '@drover/model'
import { ghostsOn } from '../../recover/unclean'
import { tasksOn } from '../../world/find'

/** These switch the host off in the end, with all that runs there. */
const ending: readonly HostVerb[] = ['shutdown', 'reboot', 'sleep', 'proveWake']

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
  const ghosts = ending.includes(verb) ? ghostsOn(world, host) : []
  const runs: Refusal[] =
    ghosts.length > 0 ? [{ code: 'deleted_vms_run', host: refOf(host), vms: ghosts }] : []
  return [...mayHost(verb, { host, tasks, fences }), ...runs]
}
