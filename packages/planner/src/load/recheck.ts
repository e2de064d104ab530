import { type LoadMove, type LoadPicture, type LoadRules, metricWords, sayMetric } from '@drover/model'
import { capacityOf, copyOfScene, moveInScene, sceneOf, sharesOf, spikingHosts, spreadCost } from './scene'
import { measured } from './watch'

type Way = Pick<LoadMove, 'vm' | 'from' | 'to'>

/** Gains below this are rounding. */
const tiny = 1e-6

/**
 * Why the moves of one step, planned some time ago, are no longer worth making in this picture, in words; null: they are.
 * Whether they are possible at all is for others to say.
 */
export function whyNoLonger(
  picture: LoadPicture,
  rules: LoadRules,
  by: string,
  moves: readonly Way[],
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
    return null
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
