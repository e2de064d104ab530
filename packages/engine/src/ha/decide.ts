import type { World } from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision } from '../decision'
import { silentHosts, stateChanged } from '../host/liveness'
import { Changes } from '../world/changes'

/** Whether `decideHa` may have something to do: cheap, for every tick of the clock. */
export function haIsDue(world: World, now: number): boolean {
  return silentHosts(world, now).length > 0
}

/** Everything that follows from what is known of the hosts now. */
export function decideHa(world: World, ctx: Context): Decision {
  const changes = new Changes(world, ctx)
  for (const host of silentHosts(world, ctx.now)) {
    const seconds = Math.round((ctx.now - (world.live.get(host.id)?.heardAt ?? host.stateSince)) / 1000)
    const changed = stateChanged(host, 'suspect', `its agent has been silent for ${seconds} s`, ctx.now)
    if (changed) changes.add([changed.event])
  }
  return accept(changes.events, null)
}
