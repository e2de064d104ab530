import {
  type HostShares,
  type LoadMetric,
  type LoadPicture,
  type LoadRules,
  metricWords,
  sayMetric,
  withinWindows,
} from '@drover/model'
import { capacityOf, copyOfScene, moveInScene, sceneOf, sharesOf, spreadCost } from './scene'

export interface Weighed {
  source: { before: HostShares; after: HostShares }
  target: { before: HostShares; after: HostShares }
  /** By how much the score of the balance falls; below 0: loads would be more uneven. */
  gain: number
  /** Limits that the target would be over, in words. */
  over: string[]
}

/** What moving one VM of the picture to a host would do to loads, whatever speaks against it otherwise. */
export function weigh(picture: LoadPicture, rules: LoadRules, vm: number, to: number): Weighed {
  const from = picture.vms[vm]!.at
  const before = sceneOf(picture, rules)
  const after = copyOfScene(before)
  moveInScene(after, vm, from, to)
  const over: string[] = []
  const target = picture.hosts[to]!
  const share = (metric: LoadMetric) => after.hosts[metric][to]! / (capacityOf(after, metric, to) || 1)
  for (const metric of ['cpu', 'memory'] as const)
    if (share(metric) > rules.balance.limit)
      over.push(
        `${target.name} would use ${sayMetric(metric, share(metric))} of its ${metricWords[metric]}; more than ${sayMetric(metric, rules.balance.limit)} is an overload`,
      )
  for (const rule of rules.thresholds) {
    if (!rule.enabled || !withinWindows(rule.windows, picture.at)) continue
    if (rule.hostIds.length > 0 && !rule.hostIds.includes(target.id)) continue
    if (share(rule.metric) > rule.until)
      over.push(
        `${target.name} would come to ${sayMetric(rule.metric, share(rule.metric))} of ${metricWords[rule.metric]}; the rule "${rule.name}" keeps it under ${sayMetric(rule.metric, rule.until)}`,
      )
  }
  return {
    source: { before: sharesOf(before, from), after: sharesOf(after, from) },
    target: { before: sharesOf(before, to), after: sharesOf(after, to) },
    gain: spreadCost(before) - spreadCost(after),
    over,
  }
}
