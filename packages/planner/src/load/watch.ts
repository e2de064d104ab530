import {
  type LoadHost,
  type LoadMemory,
  type LoadMetric,
  type LoadPicture,
  type ThresholdRule,
  withinWindows,
} from '@drover/model'
import { missedCores } from './scene'

/** What dips below the threshold by less than this share of the way to relief does not count as a dip. */
const hysteresis = 0.25

/** What a metric of a host is now: a share, or a rate. CPU counts what VMs wanted and did not get as wanted. */
export function measured(picture: LoadPicture, metric: LoadMetric): Float64Array {
  const { hosts, vms } = picture
  const missed = new Float64Array(hosts.length)
  if (metric === 'cpu')
    for (const { at, vcpus, demand, now } of vms)
      if (at >= 0) missed[at]! += missedCores(demand.pressure, vcpus, now?.cpu ?? demand.cpu)
  return Float64Array.from(hosts, (host, i) => figureOf(host, metric, missed[i]!))
}

function figureOf({ used, cores, memoryBytes }: LoadHost, metric: LoadMetric, missed: number): number {
  if (metric === 'cpu') return cores > 0 ? (used.cpu + missed) / cores : 0
  if (metric === 'memory') return memoryBytes > 0 ? used.memory / memoryBytes : 0
  return used[metric]
}

/** Hosts that a threshold looks at: in its scope, awake and in service. */
export function watchedBy(picture: LoadPicture, { hostIds }: ThresholdRule): number[] {
  return [...picture.hosts.keys()].filter((i) => {
    const { id, accepts, standby } = picture.hosts[i]!
    return accepts && standby === 'awake' && (hostIds.length === 0 || hostIds.includes(id))
  })
}

/**
 * Since when each host has been above: it begins above `above`, goes on through dips that are none to speak of, and begins
 * anew while VMs are being moved off the host. Outside of its windows a threshold sees nothing.
 */
export function watch(
  picture: LoadPicture,
  rule: ThresholdRule,
  before: LoadMemory['aboveSince'][string],
): { since: Record<string, number>; values: Float64Array } {
  const values = measured(picture, rule.metric)
  const since: Record<string, number> = {}
  if (!rule.enabled || !withinWindows(rule.windows, picture.at)) return { since, values }
  const leaving = new Set(
    picture.vms.flatMap(({ at, towards }) => (towards >= 0 && towards !== at ? [at] : [])),
  )
  const rest = rule.above - (rule.above - rule.until) * hysteresis
  for (const host of watchedBy(picture, rule)) {
    const { id } = picture.hosts[host]!
    const began = before[id]
    if (leaving.has(host)) continue
    if (values[host]! > rule.above) since[id] = began ?? picture.at
    else if (began !== undefined && values[host]! > rest) since[id] = began
  }
  return { since, values }
}
