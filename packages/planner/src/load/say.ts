import {
  type LoadPicture,
  metricWords,
  type Rule,
  sayBytes,
  sayMetric,
  sayPercent,
  sayRuleWith,
} from '@drover/model'
import type { HostAgainst, WhyNot } from '../balance/whyNot'
import { memoryRoom, type Scene, type SceneModel } from './scene'

/** `12.3 %`, where the digit matters. */
export function sayFine(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

/** A rule as a sentence, with the names of the picture. */
export function sayPictureRule(picture: LoadPicture, rule: Rule): string {
  const names = new Map<string, string>()
  for (const { id, name } of picture.hosts) names.set(id, name)
  for (const { id, name } of picture.vms) names.set(id, name)
  return sayRuleWith(rule, (id) => names.get(id) ?? 'a VM or host elsewhere')
}

/** Why a host is not chosen, in words. */
export function sayAgainst(scene: Scene, { guardOf }: SceneModel, { host, reason }: HostAgainst): string {
  const { picture, rules } = scene
  const { closed, standby } = picture.hosts[host]!
  switch (reason.code) {
    case 'closed':
      return closed ?? (standby === 'awake' ? 'takes no VMs now' : `is ${standby}`)
    case 'ineligible':
      return 'could not run it as it is: disks, networks, CPU or storage differ'
    case 'short': {
      const guard = guardOf.get(reason.resource)
      if (!guard || reason.resource === memoryRoom)
        return `${sayBytes(reason.needed - Math.max(0, reason.free))} of memory short`
      return `would have more ${metricWords[guard.metric]} than ${sayMetric(guard.metric, guard.limits[host]!)}, the limit of ${guard.whose(host)}`
    }
    case 'rule':
      return `a rule forbids it: ${sayPictureRule(picture, rules.rules[reason.rule]!)}`
    case 'wish':
      return 'a rule that should hold speaks against it'
    case 'worse':
      return sayWorse(reason)
  }
}

function sayWorse({ gain, chosen }: Extract<WhyNot, { code: 'worse' }>): string {
  if (gain <= 0) return 'would better nothing: it would have too much itself, or loads would be more uneven'
  if (gain >= chosen) return 'would do as well; one of them had to be chosen'
  const part = sayPercent(gain / chosen)
  return part === '100 %'
    ? 'would do nearly as well as the chosen host'
    : `would do ${part} as much good as the chosen host`
}
