import { sayBytes, sayCount } from '@drover/model'
import {
  type BalancePlan,
  balance,
  type Explained,
  explain,
  movesByName,
  reasonsOf,
  type Score,
} from '@drover/planner'
import { table } from '../output/table'
import type { PlanCase, Wishes } from './file'
import { groupedWhyNot, linesWhyNot, saySpreads, since, within } from './say'

export interface BalanceFileOptions extends Wishes {
  budget?: number
  seed?: number
  explain?: boolean
}

/** A plan in lines, and as one JSON object; large ones do not fit into one string, so both come in pieces. */
export interface Told {
  text: Iterable<string>
  json: Iterable<string>
  /** What was asked for cannot be had in full: a VM has no place, or a failure is not survived. */
  lacking?: boolean
}

/** Plans the balance of a cluster. */
export function planBalance(asked: PlanCase, options: BalanceFileOptions): Told {
  const { model, movable } = asked
  const goal = asked.goal(options)
  const { began, mayGoOn } = within(options.budget)
  const plan = balance(model, goal, {
    movable,
    mayGoOn,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  })
  const explained = options.explain ? explain(model, goal, plan) : null
  return { text: say(asked, plan, explained), json: jsonOf(asked, plan, explained, since(began)) }
}

function* jsonOf(asked: PlanCase, plan: BalancePlan, explained: Explained | null, plannedMs: number) {
  const { model } = asked
  const head = JSON.stringify({
    format: 'bal-plan/1',
    plannedMs,
    stopped: plan.stopped,
    before: scoreOf(plan.before),
    after: scoreOf(plan.after),
  })
  yield `${head.slice(0, -1)},"moves":[`
  for (const [i, move] of movesByName(model, plan).entries()) {
    const { before, after, step, vm } = plan.moves[i]!
    const facts = explained && {
      step,
      memoryMB: Math.round((model.vms[vm]!.size[0]! * asked.memoryUnit) / 1024 ** 2),
      before: scoreOf(before),
      after: scoreOf(after),
      reason: `${saySpreads(before)} before, ${saySpreads(after)} after`,
      whyNot: groupedWhyNot(asked, reasonsOf(explained, i)),
    }
    yield `${i > 0 ? ',' : ''}\n  ${JSON.stringify({ ...move, ...facts })}`
  }
  yield '\n]}\n'
}

function scoreOf({ total, spread, over }: Score) {
  return {
    total,
    spreadCpu: spread[0]!,
    spreadMemory: spread[1] ?? null,
    overCpu: over[0]!,
    overMemory: over[1] ?? null,
  }
}

function* say(asked: PlanCase, plan: BalancePlan, explained: Explained | null) {
  const { model, memoryUnit } = asked
  const bytes = plan.moves.reduce((sum, { vm }) => sum + model.vms[vm]!.size[0]! * memoryUnit, 0)
  yield `Now: ${saySpreads(plan.before)}.\n`
  yield `Then: ${saySpreads(plan.after)}, with ${sayCount(plan.moves.length, 'move')} and ${sayBytes(bytes)} of memory.\n`
  if (plan.stopped) yield 'The time was up: this is what was found by then.\n'
  if (plan.moves.length > 0)
    yield `\n${table(plan.moves, [
      { title: 'vm', of: ({ vm }) => model.vms[vm]!.name },
      { title: 'from', of: ({ from }) => model.hosts[from]!.name },
      { title: 'to', of: ({ to }) => model.hosts[to]!.name },
      { title: 'memory', of: ({ vm }) => sayBytes(model.vms[vm]!.size[0]! * memoryUnit), right: true },
      { title: 'after it', of: ({ after }) => saySpreads(after) },
    ])}\n`
  if (!explained) return
  for (const [i, { vm }] of plan.moves.entries()) yield* linesWhyNot(asked, vm, reasonsOf(explained, i))
}
