import { sayBytes, sayCount, sayDuration, sayList } from '@drover/model'
import {
  type ConsolidationPlan,
  type ConsolidationStep,
  planConsolidation,
  type Standing,
  type StayReason,
} from '@drover/planner'
import { table } from '../output/table'
import type { Told } from './balance'
import type { PlanCase } from './file'
import { since, within } from './say'

/** Which hosts can be emptied and switched off, and which have to be woken. */
export function planConsolidate(asked: PlanCase, options: { budget?: number; explain?: boolean }): Told {
  const { model } = asked
  const { input, goal } = asked.consolidation
  const { began, mayGoOn } = within(options.budget)
  const plan = planConsolidation(input, goal, mayGoOn)
  const plannedMs = since(began)
  const { steps, stays } = atLeast(asked, plan)
  const nameOf = (host: number) => model.hosts[host]!.name
  const why = (step: ConsolidationStep) => sayStep(asked, step)
  const json = {
    format: 'drover-plan/1',
    kind: 'consolidate',
    plannedMs,
    stopped: plan.stopped,
    before: plan.before,
    steps: steps.map((step) => ({
      kind: step.kind,
      host: nameOf(step.host),
      reason: why(step),
      ...(step.kind === 'sleep' ? { savedWatts: step.savedWatts } : {}),
      moves: step.moves.map(({ vm, from, to, bytes }) => ({
        vm: model.vms[vm]!.name,
        source: nameOf(from),
        target: nameOf(to),
        bytes,
      })),
    })),
    stays: stays.map(({ host, text }) => ({ host: nameOf(host), reason: text })),
  }
  return { json: [JSON.stringify(json, null, 2), '\n'], text: lines() }

  function* lines() {
    const { awake, watts } = plan.before
    yield `Now: ${sayCount(awake, 'host')} awake, ${Math.round(watts)} W.\n`
    for (const step of steps) {
      const verb = { wake: 'Wake', relieve: 'Relieve', sleep: 'Empty and switch off' }[step.kind]
      yield `\n${verb} ${nameOf(step.host)}: ${why(step)}.\n`
      if (step.moves.length > 0)
        yield `${table(step.moves, [
          { title: 'vm', of: ({ vm }) => model.vms[vm]!.name },
          { title: 'to', of: ({ to }) => nameOf(to) },
          { title: 'memory', of: ({ bytes }) => sayBytes(bytes), right: true },
        ])}\n`
    }
    if (steps.length === 0) yield 'No host can be spared, and none has to be woken.\n'
    const shown = options.explain ? stays : stays.slice(0, 10)
    if (shown.length > 0) yield '\nThose that stay awake:\n'
    for (const { host, text } of shown) yield `  ${nameOf(host)}: ${text}\n`
    if (shown.length < stays.length) yield `  and ${stays.length - shown.length} more; --explain says all.\n`
    if (plan.stopped) yield '\nThe time was up: hosts that are not named were not looked at.\n'
  }
}

/** Leaves as many awake as the settings want: the last ones to be emptied stay. */
function atLeast(
  asked: PlanCase,
  { steps, stays, before }: ConsolidationPlan,
): { steps: ConsolidationStep[]; stays: { host: number; text: string }[] } {
  let awake = before.awake
  const kept: ConsolidationStep[] = []
  const more: { host: number; text: string }[] = []
  for (const step of steps) {
    if (step.kind === 'sleep' && (awake - 1 < asked.minAwake || more.length > 0)) {
      more.push({ host: step.host, text: `at least ${sayCount(asked.minAwake, 'host')} stay awake` })
      continue
    }
    awake += step.kind === 'wake' ? 1 : step.kind === 'sleep' ? -1 : 0
    kept.push(step)
  }
  return {
    steps: kept,
    stays: [...more, ...stays.map(({ host, why }) => ({ host, text: sayStay(asked, why) }))],
  }
}

function sayStep(asked: PlanCase, step: ConsolidationStep): string {
  if (step.kind === 'sleep')
    return `${sayStanding(step.why.standing)}; the others take it with room to spare, and ${Math.round(step.savedWatts)} W are saved`
  if (step.kind === 'relieve') return sayStanding(step.why.standing)
  const { why } = step
  switch (why.code) {
    case 'demand':
      return `those awake need it: ${sayStanding(why.standing)}`
    case 'failover':
      return `without it ${namesOf(asked, why.down)} would have no place if ${hostsOf(asked, why.failed)} failed`
    case 'reserve':
      return `a reserve of ${sayCount(why.needed, 'host')} is kept, and only ${why.free} would be free`
    case 'kept':
      return 'it is to stay awake'
  }
}

function sayStanding({ metric, mean, limit }: Standing): string {
  const share = (value: number) => `${Math.round(value * 100)} %`
  return `${metric === 0 ? 'CPU' : 'memory'} at ${share(mean)} expected, of ${share(limit)}`
}

function sayStay(asked: PlanCase, why: StayReason): string {
  switch (why.code) {
    case 'kept':
      return 'it is to stay awake'
    case 'mayNot':
      return 'it may not sleep: not in service, its wake-up not proven, or kept awake by a person or a rule'
    case 'dwell': {
      const { at = 0 } = asked.consolidation.input
      return `it was woken a short time ago, and stays awake for another ${sayDuration(Math.max(0, why.untilAt - at))}`
    }
    case 'stuck':
      return why.vm === null
        ? 'something runs there that the file does not name'
        : `${namesOf(asked, [why.vm])} cannot be moved`
    case 'room':
      return why.vm === null
        ? 'the others have no room for all that it runs'
        : `no other host has room for ${namesOf(asked, [why.vm])}`
    case 'reserve':
      return 'it is kept as a reserve'
    case 'failover':
      return `without it ${namesOf(asked, why.down)} would have no place if ${hostsOf(asked, why.failed)} failed`
    case 'limit':
      return `emptying it takes ${sayCount(why.moves, 'move')}, more than may be made`
    case 'worth':
      return 'moving what it runs costs more than its sleep would save'
  }
}

function namesOf({ model }: PlanCase, vms: readonly number[]): string {
  return vms.length === 0 ? 'some VMs' : few(vms.map((vm) => model.vms[vm]!.name))
}

function hostsOf({ model }: PlanCase, hosts: readonly number[]): string {
  return hosts.length === 0 ? 'a host' : few(hosts.map((host) => model.hosts[host]!.name))
}

function few(names: readonly string[]): string {
  return sayList(names.length <= 4 ? names : [...names.slice(0, 3), `${names.length - 3} more`])
}
