import {
  type LoadMemory,
  type LoadPicture,
  type LoadProposal,
  type LoadRules,
  type LoadVerdict,
  sayDuration,
} from '@drover/model'
import { pictureAfter } from './after'
import { even } from './even'
import { judgePower } from './power'
import { relieve, sayAbove } from './relieve'
import { watch } from './watch'

export interface JudgeOptions {
  /** Asked now and then: false stops with what is found so far. */
  mayGoOn?: () => boolean
  /** So much of a plan of moves is worked out at most, as often as it would ask whether to go on; who sleeps is not cut short. */
  rounds?: number
  /** As if every hold time had passed: what the rules come to, whenever that may be. */
  holdPassed?: boolean
  /** False: leaves out why not the other hosts, which is most of the work. */
  explain?: boolean
  /** Not asked this time, and remembered as before: where it is known that nothing would come of it. */
  without?: readonly ('balance' | 'power')[]
  /** Only keeps count of what is above or too low; nothing is planned: while moves would be of no use. */
  watchOnly?: boolean
}

const hour = 3_600_000

/**
 * What the rules want done about a cluster's load, with every reason, and what is to be remembered. The only place where
 * rules decide: live control, replays, shadow sets, backtests and drafts all ask here. Pure; the same input gives the same
 * verdict as long as `mayGoOn` says yes.
 *
 * In order of precedence: thresholds, waking, balance, sleeping. Each decides from the picture as it is after what those before
 * it propose.
 */
export function judgeLoad(
  picture: LoadPicture,
  rules: LoadRules,
  memory: LoadMemory,
  options: JudgeOptions = {},
): LoadVerdict {
  const { at } = picture
  const proposals: LoadProposal[] = []
  const held: LoadVerdict['held'] = []
  const next: LoadMemory = {
    moves: memory.moves.filter((move) => at - move.at < hour),
    unevenSince: null,
    lowSince: null,
    aboveSince: {},
  }
  const planning = cutShort(options)
  let now = picture
  const propose = (found: readonly LoadProposal[]) => {
    for (const proposal of found) {
      proposals.push(proposal)
      now = pictureAfter(now, proposal.moves, 'it is being moved by another rule already')
    }
  }
  for (const rule of rules.thresholds) {
    const { since, values } = watch(picture, rule, memory.aboveSince[rule.id] ?? {})
    if (rules.balance.mode === 'off') continue
    next.aboveSince[rule.id] = since
    if (options.watchOnly) continue
    const all = [...picture.hosts.keys()].filter((host) => since[picture.hosts[host]!.id] !== undefined)
    const sinceOf = (host: number) => since[picture.hosts[host]!.id]!
    const aboveNow = all.filter((host) => values[host]! > rule.above)
    const hosts = aboveNow.filter((host) => options.holdPassed || at - sinceOf(host) >= rule.forMs)
    for (const host of aboveNow)
      if (!hosts.includes(host)) {
        const one = { hosts: [host], since: [sinceOf(host)], values }
        const left = sayDuration(rule.forMs - (at - sinceOf(host)))
        held.push({ by: rule.id, text: `${sayAbove(picture, rule, one)} It is waited for ${left} more.` })
      }
    if (hosts.length === 0) continue
    const above = { hosts, since: hosts.map(sinceOf), values }
    const relief = relieve(now, rules, memory, rule, above, planning)
    propose(relief.proposals)
    for (const text of relief.held) held.push({ by: rule.id, text })
    // What was done has to show before more is: the hold time begins anew.
    if (relief.proposals.some(({ automatic }) => automatic))
      for (const host of hosts) delete since[picture.hosts[host]!.id]
  }
  // Worked out first, as who could sleep takes the longest; waking moves nothing, so that neither sees the other.
  const { without = [] } = options
  const evened =
    without.includes('balance') || options.watchOnly
      ? { proposals: [], held: [], since: memory.unevenSince }
      : even(now, rules, memory, planning)
  // Waking comes first whatever else is going on: there is no wrong moment for it.
  const power = without.includes('power')
    ? { wake: null, sleep: null, lowSince: memory.lowSince, held: [] }
    : judgePower(now, rules, memory, options)
  next.lowSince = power.lowSince
  if (power.wake) propose([power.wake])
  held.push(...power.held)
  if (options.watchOnly) return { proposals, memory: next, held }
  next.unevenSince = evened.since
  propose(evened.proposals)
  for (const text of evened.held) held.push({ by: 'balance', text })
  // What is only recommended keeps nobody awake.
  if (power.sleep && proposals.every(({ automatic }) => !automatic)) propose([power.sleep])
  return { proposals, memory: next, held }
}

function cutShort(options: JudgeOptions): JudgeOptions {
  const { rounds, mayGoOn = () => true } = options
  if (rounds === undefined) return options
  let left = rounds
  return {
    ...options,
    mayGoOn: () => {
      left -= 1
      return left > 0 && mayGoOn()
    },
  }
}
