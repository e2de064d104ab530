import { sayBytes } from '@drover/model'
import type { Destination, HostAgainst, Score } from '@drover/planner'
import type { PlanCase } from './file'

/** Why a VM does not go to a host, in words. */
export function sayWhyNot(
  { model, memoryUnit, ruleName }: PlanCase,
  reason: HostAgainst['reason'] | Destination['against'][number]['reason'],
): string {
  switch (reason.code) {
    case 'closed':
      return 'takes no VMs'
    case 'ineligible':
      return 'could not run it: datastores, networks or CPU differ'
    case 'short': {
      const { name } = model.resources[reason.resource]!
      const missing = reason.needed - reason.free
      return reason.resource === 0 ? `${sayBytes(missing * memoryUnit)} of memory short` : `short of ${name}`
    }
    case 'rule':
      return `the rule ${ruleName(reason.rule)} (${model.rules[reason.rule]!.relation}) forbids it`
    case 'wish':
      return 'a rule that should hold speaks against it'
    case 'other':
      return 'would do as well; the chosen host leaves the load more even'
    case 'worse':
      if (reason.gain >= reason.chosen)
        return 'would do as well; the plan as a whole is better with the chosen host'
      return reason.gain > 0
        ? `would better the score by less than ${reason.chosen.toFixed(5)}, as the chosen host does`
        : 'would make the load more uneven'
  }
}

/** Hosts against which the same speaks, together: a large plan has millions of reasons. */
export function groupedWhyNot(
  asked: PlanCase,
  against: readonly (HostAgainst | Destination['against'][number])[],
): { reason: string; hosts: string[] }[] {
  const groups = new Map<string, string[]>()
  for (const { host, reason } of against) {
    const text = sayWhyNot(asked, reason)
    const hosts = groups.get(text)
    if (hosts) hosts.push(asked.model.hosts[host]!.name)
    else groups.set(text, [asked.model.hosts[host]!.name])
  }
  return [...groups].map(([reason, hosts]) => ({ reason, hosts }))
}

/** The same in lines. */
export function* linesWhyNot(
  asked: PlanCase,
  vm: number,
  against: readonly (HostAgainst | Destination['against'][number])[],
): Generator<string> {
  yield `\nWhy ${asked.model.vms[vm]!.name} goes nowhere else:\n`
  for (const { reason, hosts } of groupedWhyNot(asked, against)) yield `  ${hosts.join(', ')}: ${reason}\n`
}

/** How uneven a score is; `before`: only what differs by then is said of limits. */
export function saySpreads({ spread, over }: Score): string {
  const parts = spread.map((share, m) => `${m === 0 ? 'CPU' : 'memory'} ${(share * 100).toFixed(2)} % apart`)
  const all = over.reduce((sum, share) => sum + share, 0)
  if (all > 0) parts.push(`${(all * 100).toFixed(1)} % of a host over the limit`)
  return parts.join(', ')
}

/** A budget as a question that planning asks now and then. */
export function within(budgetMs: number | undefined): { began: number; mayGoOn: () => boolean } {
  const began = performance.now()
  return { began, mayGoOn: () => budgetMs === undefined || performance.now() - began < budgetMs }
}

/** Milliseconds since then, to a tenth. */
export function since(began: number): number {
  return Math.round((performance.now() - began) * 10) / 10
}
