import { type Cluster, defaultPowerSettings, type Host, type HostUsage, type PowerModel } from '@drover/model'
import { wattsAt } from '@drover/planner'

/** What a host draws and what its sleep saves at this moment; null: not known. */
export interface Watts {
  watts: number | null
  savedWatts: number | null
}

/** What a host draws by its own model, or its cluster's. */
export function powerModelOf(host: Pick<Host, 'powerModel'>, cluster: Pick<Cluster, 'power'>): PowerModel {
  return host.powerModel ?? (cluster.power ?? defaultPowerSettings).model
}

/** It was put to sleep by Drover and is proven off. */
export function isAsleep(host: Pick<Host, 'mode' | 'state'>): boolean {
  return host.mode === 'standby' && host.state === 'fenced'
}

/**
 * Watts of a host by its power model: idle to full load in proportion to its CPU; asleep, what its board takes. What sleep
 * saves is what it would draw idle, less that. Of a host that is silent nothing is known; one that is off for another
 * reason saves nothing.
 */
export function wattsOf(
  host: Pick<Host, 'mode' | 'state' | 'powerModel'>,
  cluster: Pick<Cluster, 'power'>,
  usage: Pick<HostUsage, 'cpu'> | null,
): Watts {
  const model = powerModelOf(host, cluster)
  if (isAsleep(host)) return { watts: model.asleepWatts, savedWatts: model.idleWatts - model.asleepWatts }
  if (host.state === 'fenced') return { watts: model.asleepWatts, savedWatts: 0 }
  if (host.state !== 'connected' || !usage) return { watts: null, savedWatts: null }
  return { watts: wattsAt(model, usage.cpu), savedWatts: 0 }
}
