import type { BalanceSettings } from '../balance/settings'
import type { PowerSettings } from '../load/power'
import type { ThresholdRule } from '../load/threshold'
import { metricWords, sayBudget, sayMetric, sayWindows } from './load'
import { sayDuration, sayList, sayPercent } from './quantity'

type Settings = Partial<
  Omit<BalanceSettings, 'mode'> &
    Omit<PowerSettings, 'mode' | 'hostIds'> &
    Omit<ThresholdRule, 'hostIds'> & { mode: string; hostIds: readonly string[] | null }
>
type Field = keyof Settings
type Say = (settings: Settings, nameOf: (hostId: string) => string) => string

const share =
  (field: 'spread' | 'limit' | 'reserve' | 'fillTo' | 'wakeAbove'): Say =>
  (settings) =>
    sayPercent(settings[field] ?? 0)
const time =
  (field: 'holdMs' | 'cooldownMs' | 'forMs' | 'dwellMs' | 'wakeAheadMs'): Say =>
  (settings) =>
    sayDuration(settings[field] ?? 0)
const figure =
  (field: 'above' | 'until'): Say =>
  ({ metric = 'cpu', [field]: value = 0 }) =>
    sayMetric(metric, value)

/** What settings about load are called, and their values in words; of the rest the value stands for itself. */
const words: Partial<Record<Field, readonly [name: string, say?: Say]>> = {
  level: ['the level', ({ level }) => (level === null ? 'figures of its own' : String(level))],
  by: ['what VMs count for'],
  spread: ['even enough', share('spread')],
  limit: ['overloaded above', share('limit')],
  weights: ['the weights', ({ weights }) => `CPU ${weights?.cpu}, memory ${weights?.memory}`],
  minGain: ['the least gain of a move'],
  minShare: ['the least share of a move'],
  worthwhile: ['the least gain of a plan'],
  holdMs: ['the hold time', time('holdMs')],
  cooldownMs: ['the cooldown', time('cooldownMs')],
  movesAtOnce: ['moves at once'],
  budget: ['the budget', ({ budget }) => (budget && sayBudget(budget)) || 'no limit'],
  windows: ['when', ({ windows }) => sayWindows(windows ?? [])],
  metric: ['what is watched', ({ metric = 'cpu' }) => metricWords[metric]],
  above: ['above', figure('above')],
  until: ['until', figure('until')],
  forMs: ['the hold time', time('forMs')],
  tags: ['the VMs', ({ tags = [] }) => (tags.length === 0 ? 'all' : `those tagged ${sayList(tags, 'or')}`)],
  hostIds: [
    'the hosts',
    ({ hostIds, metric }, nameOf) =>
      // Of a threshold none named are all; of power saving `null` is.
      !hostIds || (metric && hostIds.length === 0) ? 'all' : sayList(hostIds.map(nameOf)) || 'none',
  ],
  minAwake: ['the fewest awake'],
  reserve: ['the reserve', share('reserve')],
  fillTo: ['filled to', share('fillTo')],
  wakeAbove: ['woken above', share('wakeAbove')],
  dwellMs: ['the dwell time', time('dwellMs')],
  wakeAheadMs: ['woken ahead by', time('wakeAheadMs')],
  model: ['what hosts draw', ({ model }) => (model ? sayPowerModel(model) : 'as the cluster says')],
  enabled: ['switched on', ({ enabled }) => (enabled ? 'yes' : 'no')],
}

/** What a machine draws: `100 W idle, 250 W under full load, 5 W asleep`. */
export function sayPowerModel({ idleWatts, maxWatts, asleepWatts }: PowerSettings['model']): string {
  return `${idleWatts} W idle, ${maxWatts} W under full load, ${asleepWatts} W asleep`
}

/** What was changed of settings about load, each as "overloaded above from 80 % to 90 %". `nameOf`: the name of a host. */
export function sayChanges(
  before: Settings,
  after: Settings,
  fields: readonly string[],
  nameOf: (hostId: string) => string,
): string[] {
  return (fields as readonly Field[]).map((field) => {
    const [name, say = (settings: Settings) => String(settings[field])] = words[field] ?? [field]
    return `${name} from ${say(before, nameOf)} to ${say(after, nameOf)}`
  })
}
