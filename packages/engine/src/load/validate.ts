import {
  isTimeZone,
  type MoveBudget,
  minuteOfDay,
  type Refusal,
  type ThresholdInput,
  type ThresholdRule,
  type TimeWindow,
  type World,
} from '@drover/model'
import { thresholdsOf } from './rules'

const hour = 3_600_000
const longestName = 100

/** Every reason why a threshold is not well formed, each naming its field and what would mend it. */
export function checkThreshold(world: World, input: ThresholdInput, rule?: ThresholdRule): Refusal[] {
  const refusals: Refusal[] = []
  const wrong = (field: string, problem: string, remedy: string) =>
    refusals.push({ code: 'invalid', field, problem, remedy })
  const name = input.name.trim()
  if (name === '' || name.length > longestName)
    wrong('name', `"${name}" is no name for a rule`, `Give it between 1 and ${longestName} characters.`)
  if (thresholdsOf(world, input.clusterId).some((one) => one.name === name && one.id !== rule?.id))
    refusals.push({ code: 'name_taken', noun: 'rule', name })
  const { metric, above, until } = input
  const rate = metric === 'disk' || metric === 'network'
  const most = rate ? Number.MAX_SAFE_INTEGER : 1
  const range = rate
    ? 'Give it in bytes per second, above 0.'
    : 'Give a share above 0, up to 1 (0.8 is 80 %).'
  for (const field of ['above', 'until'] as const)
    if (!Number.isFinite(input[field]) || input[field] <= 0 || input[field] > most)
      wrong(field, `${input[field]} is out of range`, range)
  if (until >= above)
    wrong(
      'until',
      'relief would end above where the rule begins, so VMs would be moved for ever',
      'Give less than the value above which the rule acts, say three quarters of it.',
    )
  for (const [field, longest, words] of [
    ['forMs', 24 * hour, '24 hours'],
    ['cooldownMs', 7 * 24 * hour, '7 days'],
  ] as const)
    if (!Number.isInteger(input[field]) || input[field] < 0 || input[field] > longest)
      wrong(field, `${input[field]} ms is out of range`, `Give 0 to ${words}.`)
  if (!(input.minGain >= 0 && input.minGain <= 1))
    wrong('minGain', `${input.minGain} is out of range`, 'Give 0 to 1.')
  for (const id of input.hostIds) {
    const host = world.tables.host.get(id)
    if (!host) refusals.push({ code: 'not_found', noun: 'host', id })
    else if (host.clusterId !== input.clusterId)
      wrong('hostIds', `${host.name} is in another cluster`, 'Rules hold within one cluster; leave it out.')
  }
  for (const tag of input.tags)
    if (tag.trim() === '') wrong('tags', 'a tag is empty', 'Leave it out, or name the tag.')
  return [...refusals, ...checkWindows(input.windows), ...checkBudget(input.budget)]
}

export function checkWindows(windows: readonly TimeWindow[], field = 'windows'): Refusal[] {
  const refusals: Refusal[] = []
  const wrong = (problem: string, remedy: string) =>
    refusals.push({ code: 'invalid', field, problem, remedy })
  for (const { days, from, to, timeZone } of windows) {
    if (days.length === 0 || days.some((day) => !Number.isInteger(day) || day < 0 || day > 6))
      wrong('it names no days, or others than there are', 'Give days from 0 (Sunday) to 6 (Saturday).')
    for (const time of [from, to])
      if (Number.isNaN(minuteOfDay(time)))
        wrong(`"${time}" is no time of day`, 'Give hours and minutes: 22:00.')
    if (!isTimeZone(timeZone))
      wrong(`"${timeZone}" is no time zone that is known`, 'Give a name such as Europe/Berlin or UTC.')
  }
  return refusals
}

export function checkBudget({ movesPerHour, bytesPerHour }: MoveBudget): Refusal[] {
  const refusals: Refusal[] = []
  if (movesPerHour !== null && (!Number.isInteger(movesPerHour) || movesPerHour < 1))
    refusals.push({
      code: 'invalid',
      field: 'budget.movesPerHour',
      problem: `${movesPerHour} is no number of moves`,
      remedy: 'Give 1 or more, or leave it out for no limit.',
    })
  if (bytesPerHour !== null && (!Number.isInteger(bytesPerHour) || bytesPerHour < 1))
    refusals.push({
      code: 'invalid',
      field: 'budget.bytesPerHour',
      problem: `${bytesPerHour} is no number of bytes`,
      remedy: 'Give 1 or more, or leave it out for no limit.',
    })
  return refusals
}
