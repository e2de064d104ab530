import { balanceLevels } from '../balance/levels'
import type { BalanceSettings } from '../balance/settings'
import type { PowerSettings } from '../load/power'
import type { LoadMetric, ThresholdRule } from '../load/threshold'
import type { MoveBudget, TimeWindow } from '../load/window'
import { sayBytes, sayCount, sayDuration, sayList, sayPercent, sayRate } from './quantity'

export const metricWords: Readonly<Record<LoadMetric, string>> = {
  cpu: 'CPU',
  memory: 'memory',
  disk: 'disk traffic',
  network: 'network traffic',
  pressure: 'pressure',
}

const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** A figure of a metric: `82 %`, `1.2 GB/s`. */
export function sayMetric(metric: LoadMetric, value: number): string {
  return metric === 'disk' || metric === 'network' ? sayRate(value) : sayPercent(value)
}

/** "on Monday to Friday from 22:00 to 06:00 (Europe/Berlin)"; "at any time" without windows. */
export function sayWindows(windows: readonly TimeWindow[]): string {
  if (windows.length === 0) return 'at any time'
  return sayList(
    windows.map(({ days, from, to, timeZone }) => `${sayDays(days)} from ${from} to ${to} (${timeZone})`),
  )
}

function sayDays(days: readonly number[]): string {
  // Monday first, as weeks are spoken of.
  const sorted = [...new Set(days)].sort((a, b) => ((a + 6) % 7) - ((b + 6) % 7))
  if (sorted.length === 7) return 'every day'
  const following = sorted.every((day, i) => i === 0 || (day + 6) % 7 === ((sorted[i - 1]! + 6) % 7) + 1)
  if (following && sorted.length > 2) return `${dayNames[sorted[0]!]} to ${dayNames[sorted.at(-1)!]}`
  return `on ${sayList(sorted.map((day) => dayNames[day] ?? 'no day'))}`
}

/** "at most 10 moves and 64 GiB an hour"; empty without a budget. */
export function sayBudget({ movesPerHour, bytesPerHour }: MoveBudget): string {
  const parts = [
    ...(movesPerHour === null ? [] : [sayCount(movesPerHour, 'move')]),
    ...(bytesPerHour === null ? [] : [sayBytes(bytesPerHour)]),
  ]
  return parts.length === 0 ? '' : `at most ${sayList(parts)} an hour`
}

/**
 * A threshold as a sentence: "When CPU of any host is above 80 % for 5 min, VMs are moved away until it is under 70 %."
 * `nameOf`: the name of a host.
 */
export function sayThreshold(
  rule: Pick<
    ThresholdRule,
    | 'metric'
    | 'above'
    | 'forMs'
    | 'until'
    | 'tags'
    | 'hostIds'
    | 'windows'
    | 'cooldownMs'
    | 'budget'
    | 'automation'
  >,
  nameOf: (hostId: ThresholdRule['hostIds'][number]) => string,
): string {
  const { metric, above, until, forMs, tags, hostIds, windows, cooldownMs, budget, automation } = rule
  const hosts = hostIds.length === 0 ? 'any host' : sayList(hostIds.map(nameOf), 'or')
  const vms = tags.length === 0 ? 'VMs' : `VMs tagged ${sayList(tags, 'or')}`
  const done = automation === 'manual' ? 'it is recommended to move' : 'move'
  const long = forMs > 0 ? ` for ${sayDuration(forMs)}` : ''
  const limits = [
    ...(windows.length > 0 ? [`Only ${sayWindows(windows)}.`] : []),
    ...(sayBudget(budget) ? [`${upper(sayBudget(budget))}.`] : []),
    ...(cooldownMs > 0 ? [`A VM that was moved is left alone for ${sayDuration(cooldownMs)}.`] : []),
    ...(automation === 'full' ? ['Without asking.'] : []),
  ]
  const sentence = `When ${metricWords[metric]} of ${hosts} is above ${sayMetric(metric, above)}${long}, ${done} ${vms} away until it is under ${sayMetric(metric, until)}.`
  return [sentence, ...limits].join(' ')
}

const modeWords: Record<BalanceSettings['mode'], string> = {
  off: 'Load is not balanced.',
  manual: 'Moves are recommended; a person makes them.',
  partial: 'VMs that start are placed where it is best; moves are recommended.',
  full: 'Moves are made without asking.',
}

/** How a cluster is balanced, in sentences. */
export function sayBalance(settings: BalanceSettings): string {
  const { mode, level, by, aim, spread, limit, holdMs, cooldownMs, movesAtOnce, budget, windows } = settings
  if (mode === 'off') return modeWords.off
  const what = by === 'actual-load' ? 'what VMs use' : 'what VMs were given'
  const goal =
    aim === 'spread'
      ? `Hosts are kept within ${sayPercent(spread)} of their mean and under ${sayPercent(limit)} of CPU and memory, by ${what}.`
      : `Nothing is moved before a host uses more than ${sayPercent(limit)} of its CPU or memory, by ${what}.`
  const how = level === null ? '' : ` ${upper(balanceLevels[level].name)} (level ${level} of 5).`
  const limits = [`${sayCount(movesAtOnce, 'move')} at once`, sayBudget(budget), sayWindows(windows)].filter(
    Boolean,
  )
  const rest = cooldownMs > 0 ? `; a VM that was moved is left alone for ${sayDuration(cooldownMs)}` : ''
  return `${modeWords[mode]}${how} ${goal} Loads have to be uneven for ${sayDuration(holdMs)} first${rest}. ${upper(limits.join(', '))}.`
}

/** How a cluster saves power, in sentences. `nameOf`: the name of a host. */
export function sayPower(
  settings: PowerSettings,
  nameOf: (hostId: NonNullable<PowerSettings['hostIds']>[number]) => string,
): string {
  const { mode, hostIds, windows, minAwake, reserve, fillTo, wakeAbove, holdMs, dwellMs, wakeAheadMs } =
    settings
  if (mode === 'off') return 'No rule puts a host to sleep; hosts that one put to sleep are woken.'
  const who = hostIds === null ? 'Hosts whose wake-up was proven' : sayList(hostIds.map(nameOf))
  const verb =
    mode === 'full'
      ? 'are put to sleep without asking'
      : 'are recommended for sleep, and woken without asking'
  const long = holdMs > 0 ? `have not been needed for ${sayDuration(holdMs)}` : 'are not needed'
  const ahead = wakeAheadMs > 0 ? `, and ${sayDuration(wakeAheadMs)} ahead of the daily rise` : ''
  const dwell =
    dwellMs > 0 ? ` Asleep or awake, a host stays so for ${sayDuration(dwellMs)}, unless it is needed.` : ''
  return (
    `${who} ${verb} when they ${long}, ${sayWindows(windows)}. ` +
    `The others are filled up to ${sayPercent(fillTo)}; as soon as they need more than ${sayPercent(wakeAbove)} a host is woken${ahead}. ` +
    `At least ${sayCount(minAwake, 'host')} ${minAwake === 1 ? 'stays' : 'stay'} awake, with room for the failures that have to be survived and ${sayPercent(reserve)} beside.${dwell}`
  )
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
