import { type LoadPicture, type LoadRules, sayCount, sayList, sayPercent, withinWindows } from '@drover/model'
import { planConsolidation } from '../consolidate/consolidate'
import { type ConsolidationGoal, defaultConsolidation } from '../consolidate/goal'
import { wattsAt } from '../consolidate/power'
import type { Model } from '../model/model'
import {
  hourMs,
  mayWake,
  needOf,
  type PowerField,
  peakAhead,
  powerField,
  shareIsKept,
  tightest,
} from './powerField'

export interface Wake {
  host: number
  text: string
}

/**
 * Hosts that have to be woken now, and why: because nobody may sleep, because those awake do not do for the demand, for
 * what waits for room or for a failure, or will not within the time that the rules wake ahead. The cheapest first.
 */
export function wakesNow(picture: LoadPicture, rules: LoadRules, model: Model): Wake[] {
  const { power } = rules
  const left = sleepers(picture)
  if (left.length === 0) return []
  const field = powerField(picture, rules, power.wakeAheadMs, model)
  const wakes: Wake[] = []
  const wake = (host: number, text: string): void => {
    left.splice(left.indexOf(host), 1)
    field.awake[host] = 1
    wakes.push({ host, text })
  }
  for (const host of [...left]) {
    const why = mayNotSleep(picture, rules, host)
    if (why) wake(host, why)
  }
  const count = () => field.awake.reduce((sum, is, host) => sum + (is && takes(picture, host) ? 1 : 0), 0)
  while (left[0] !== undefined && count() < power.minAwake)
    wake(left[0], `At least ${power.minAwake} hosts of ${picture.clusterName} stay awake.`)
  forWaiting(picture, left, wake)
  forDemand(picture, rules, field, left, wake)
  forFailure(picture, rules, field, wake)
  while (left[0] !== undefined && !shareIsKept(picture, rules, (host) => field.awake[host] === 1)) {
    const share = sayPercent(rules.admission.reservedShare)
    wake(left[0], `Less than ${share} of the memory of the hosts that are awake would be free for failures.`)
  }
  return wakes
}

function takes({ hosts }: LoadPicture, host: number): boolean {
  const { accepts, standby } = hosts[host]!
  return accepts || standby !== 'awake'
}

/** Who may be woken: those that are only on their way to sleep first, then the ones that make most of their watts. */
function sleepers(picture: LoadPicture): number[] {
  const price = (host: number) => {
    const { power, cores } = picture.hosts[host]!
    return wattsAt(power, 1) / (cores || 1e-9)
  }
  const order = (host: number) => (picture.hosts[host]!.standby === 'falling asleep' ? 0 : 1)
  return [...picture.hosts.keys()]
    .filter((host) => mayWake(picture, host))
    .sort(
      (a, b) =>
        order(a) - order(b) ||
        price(a) - price(b) ||
        (picture.hosts[a]!.name < picture.hosts[b]!.name ? -1 : 1),
    )
}

function mayNotSleep(
  { at, hosts, clusterName }: LoadPicture,
  { power }: LoadRules,
  host: number,
): string | null {
  const { id, name, needed } = hosts[host]!
  if (needed) return `${name} ${needed}.`
  if (power.mode === 'off') return `Saving power is switched off for ${clusterName}, so nobody sleeps.`
  if (!withinWindows(power.windows, at)) return 'At this time of day nobody sleeps.'
  if (power.hostIds !== null && !power.hostIds.includes(id))
    return `${name} is not one of the hosts that may sleep any more.`
  return null
}

/** VMs that should run and have no place: as many hosts as have room for them. */
function forWaiting(
  { waiting = [], hosts }: LoadPicture,
  left: number[],
  wake: (host: number, text: string) => void,
): void {
  const open = [...waiting].sort((a, b) => b.memoryBytes - a.memoryBytes)
  for (const host of [...left]) {
    let room = hosts[host]!.roomBytes
    const fits = open.filter(({ eligible, memoryBytes }) => {
      if ((eligible && !eligible.includes(host)) || memoryBytes > room) return false
      room -= memoryBytes
      return true
    })
    if (fits.length === 0) continue
    for (const one of fits) open.splice(open.indexOf(one), 1)
    const names = fits.slice(0, 3).map(({ name }) => name)
    const rest = fits.length > 3 ? [`${fits.length - 3} more`] : []
    wake(
      host,
      `${sayList([...names, ...rest])} should run and ${fits.length === 1 ? 'has' : 'have'} no place.`,
    )
  }
}

/** More is asked for, or will be soon, than the hosts that are awake should carry. */
function forDemand(
  picture: LoadPicture,
  rules: LoadRules,
  field: PowerField,
  left: number[],
  wake: (host: number, text: string) => void,
): void {
  const { wakeAbove, fillTo, wakeAheadMs } = rules.power
  const enough = (fillTo + wakeAbove) / 2
  let until = wakeAbove
  for (;;) {
    const host = left[0]
    if (host === undefined) return
    const { metric, share } = tightest(needOf(picture, field))
    if (share <= until) return
    // Once one is woken, so many are that it does not begin again at once.
    until = enough
    const what = metric === 'cpu' ? 'CPU' : 'memory'
    const soon = metric === 'cpu' && risesSoon(picture, wakeAheadMs)
    wake(
      host,
      soon
        ? `By its own past, ${picture.clusterName} will soon need ${sayPercent(share)} of the CPU of the hosts that are awake; hosts are woken above ${sayPercent(wakeAbove)}.`
        : `${sayPercent(share)} of the ${what} of the hosts that are awake ${what === 'CPU' ? 'is' : 'are'} needed; hosts are woken above ${sayPercent(wakeAbove)}.`,
    )
  }
}

/** Whether it is the expected that is high, and not yet the present. */
function risesSoon(picture: LoadPicture, withinMs: number): boolean {
  const later = picture.vms.reduce(
    (sum, { demand }) => sum + peakAhead(picture, demand.aheadCpu, withinMs),
    0,
  )
  const now = picture.vms.reduce((sum, { demand, now }) => sum + Math.max(demand.cpu, now?.cpu ?? 0), 0)
  return later > now * 1.05
}

/** Hosts without which a failure would not be survived, or one of those awake would have too much that nobody else can take. */
function forFailure(
  picture: LoadPicture,
  rules: LoadRules,
  field: PowerField,
  wake: (host: number, text: string) => void,
): void {
  const { input, awake } = field
  const hosts = input.hosts.map((host, i) => ({ ...host, asleep: awake[i] === 0 }))
  const goal: ConsolidationGoal = {
    ...goalOf(rules, rules.power.wakeAbove),
    wakeCalm: 0,
    keepAwake: [...awake.keys()].filter((host) => awake[host]),
  }
  const { steps } = planConsolidation({ ...input, hosts }, goal)
  const name = (host: number) => picture.hosts[host]!.name
  for (const step of steps) {
    if (step.kind !== 'wake') continue
    const { why } = step
    if (why.code === 'failover' && why.down.length === 0) {
      const { failures } = why
      wake(step.host, `Without it, ${sayCount(failures, 'host failure')} could not be survived.`)
    } else if (why.code === 'failover') {
      const vms = why.down.map((vm) => picture.vms[vm]!.name)
      wake(
        step.host,
        `If ${sayList(why.failed.map(name))} failed, there would be no place for ${sayList(few(vms))} on the hosts that are awake.`,
      )
    } else if (why.code === 'demand') {
      const { host, mean, metric } = why.standing
      wake(
        step.host,
        `${name(host)} is expected to need ${sayPercent(mean)} of its ${metric === 0 ? 'CPU' : 'memory'}, and no host that is awake can take anything of that.`,
      )
    }
  }
}

/** What a plan about sleeping has to keep, with hosts filled up to `limit`. */
export function goalOf({ power, admission }: LoadRules, limit: number): ConsolidationGoal {
  return {
    ...defaultConsolidation,
    metrics: [
      { resource: 1, limit, common: 0.05 },
      { resource: 2, limit, common: 0 },
    ],
    // Each host's own limit is what counts, not how all stand on average.
    sleepCalm: 1,
    sleepRisk: Number.POSITIVE_INFINITY,
    wakeCalm: 1,
    wakeRisk: Number.POSITIVE_INFINITY,
    relieve: 'no',
    failures: failuresOf(admission),
    dwellMs: power.dwellMs,
    horizonMs: Math.max(power.dwellMs, hourMs),
  }
}

/** How many hosts at once have to be survivable. Where a share of memory is kept instead, `shareIsKept` says. */
export function failuresOf({ by, action, hostFailures }: LoadRules['admission']): number {
  return action === 'off' || by !== 'hosts' ? 0 : hostFailures
}

export function few(names: readonly string[]): string[] {
  return names.length <= 4 ? [...names] : [...names.slice(0, 3), `${names.length - 3} more`]
}
