import {
  type LoadMove,
  type LoadPicture,
  type LoadRules,
  metricWords,
  sayCount,
  sayMetric,
  sayPercent,
} from '@drover/model'
import { needOf, powerField, tightest } from './powerField'
import { capacityOf, copyOfScene, moveInScene, sceneOf, sharesOf, spikingHosts, spreadCost } from './scene'
import { measured } from './watch'

type Way = Pick<LoadMove, 'vm' | 'from' | 'to'>

/** Gains below this are rounding. */
const tiny = 1e-6

/**
 * Why the moves of one step, planned some time ago, are no longer worth making in this picture, in words; null: they are.
 * Whether they are possible at all is for others to say. `sleeper`: the host that they empty, to sleep.
 */
export function whyNoLonger(
  picture: LoadPicture,
  rules: LoadRules,
  by: string,
  moves: readonly Way[],
  sleeper?: number,
): string | null {
  const threshold = rules.thresholds.find(({ id }) => id === by)
  const sources = new Set(moves.map(({ from }) => from))
  const spiking = threshold ? sources : by === 'balance' ? spikingHosts(picture, rules) : undefined
  const before = sceneOf(picture, rules, spiking)
  const after = copyOfScene(before)
  for (const { vm, from, to } of moves) moveInScene(after, vm, from, to)
  if (by === 'balance') {
    if (spreadCost(before) - spreadCost(after) > tiny) return null
    return 'It would no longer even out the load.'
  }
  const targets = new Set(moves.map(({ to }) => to))
  if (by === 'power') {
    for (const host of targets) {
      const { cpu, memory } = sharesOf(after, host)
      if (Math.max(cpu, memory) > Math.max(rules.power.wakeAbove, rules.power.fillTo))
        return `${picture.hosts[host]!.name} has more to do by now.`
    }
    return sleeper === undefined ? null : whyNotSleep(picture, rules, sleeper)
  }
  if (!threshold?.enabled) return 'The rule does not hold any more.'
  const { metric, until, above } = threshold
  const values = measured(picture, metric)
  const relieved = [...sources].filter((host) => values[host]! <= until)
  if (relieved.length === sources.size)
    return `${picture.hosts[relieved[0]!]!.name} is under ${sayMetric(metric, until)} of ${metricWords[metric]} by now without it.`
  for (const host of targets) {
    const share = after.hosts[metric][host]! / (capacityOf(after, metric, host) || 1)
    if (!sources.has(host) && share > above)
      return `${picture.hosts[host]!.name} would by now have too much ${metricWords[metric]} itself: ${sayMetric(metric, share)}.`
  }
  return null
}

/** Why a host had better stay awake by now: the others would be too few, or at once have so much to do that it would be woken again. */
function whyNotSleep(picture: LoadPicture, rules: LoadRules, host: number): string | null {
  const { wakeAbove, wakeAheadMs, minAwake } = rules.power
  const hosts = picture.hosts.map((row, i) =>
    i === host ? { ...row, standby: 'falling asleep' as const } : row,
  )
  const after = { ...picture, hosts }
  const stay = hosts.filter(({ accepts, standby }) => accepts && standby === 'awake')
  if (stay.length < minAwake)
    return `At least ${sayCount(minAwake, 'host')} of ${picture.clusterName} ${minAwake === 1 ? 'stays' : 'stay'} awake.`
  const need = needOf(after, powerField(after, rules, wakeAheadMs))
  const { metric, share } = tightest(need)
  if (share <= wakeAbove) return null
  return `By now ${sayPercent(share)} of the ${metricWords[metric]} of the others would be needed; hosts are woken above ${sayPercent(wakeAbove)}.`
}
