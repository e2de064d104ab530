import { sayBytes, sayCount, sayList } from '@drover/model'
import { type Destination, type Emptied, emptyHosts, tolerates } from '@drover/planner'
import { CliError, exitCodes } from '../exit'
import { table } from '../output/table'
import type { Told } from './balance'
import type { PlanCase } from './file'
import { groupedWhyNot, linesWhyNot, sayWhyNot, since, within } from './say'

export interface EmptyOptions {
  host?: string[]
  failures?: number
  budget?: number
  explain?: boolean
}

interface Emptying extends Emptied {
  hosts: number[]
}

/** Where everything goes that runs on these hosts. */
export function planEvacuate(asked: PlanCase, options: EmptyOptions): Told {
  const hosts = hostsNamed(asked, options.host)
  if (hosts.length === 0)
    throw new CliError(exitCodes.usage, 'Say which host is to be emptied: --host NAME, also more than one.')
  const { began, mayGoOn } = within(options.budget)
  const found = [{ hosts, ...emptyHosts(asked.model, hosts, { mayGoOn }) }]
  return told(asked, 'evacuate', found, options, { stopped: !mayGoOn() }, since(began))
}

/**
 * Where VMs with capacity kept for them start again when these hosts fail; without names: one host after the other, and
 * whether any so many may fail at once.
 */
export function planFailover(asked: PlanCase, options: EmptyOptions): Told {
  const { model } = asked
  const { began, mayGoOn } = within(options.budget)
  const hosts = hostsNamed(asked, options.host)
  if (hosts.length > 0) {
    const found = [{ hosts, ...emptyHosts(model, hosts, { lost: true, mayGoOn }) }]
    return told(asked, 'failover', found, options, { stopped: !mayGoOn() }, since(began))
  }
  const failures = options.failures ?? asked.failures
  const { ok, certain, worst } = tolerates(model, failures, { findWorst: true, mayGoOn })
  const found: Emptying[] = []
  let unseen = 0
  for (const [host, { accepts }] of model.hosts.entries()) {
    if (!accepts && model.vmsOn[host]!.length === 0) continue
    if (mayGoOn()) found.push({ hosts: [host], ...emptyHosts(model, [host], { lost: true, mayGoOn }) })
    else unseen += 1
  }
  const nameOf = (host: number) => model.hosts[host]!.name
  const facts = {
    failures,
    survives: ok,
    certain,
    worst: worst && {
      hosts: worst.failed.map(nameOf),
      down: worst.down.map((vm) => model.vms[vm]!.name),
    },
    stopped: !mayGoOn(),
    unseen,
  }
  return told(asked, 'failover', found, options, facts, since(began))
}

/** Hosts by name, or by id where the file has one. */
function hostsNamed({ model }: PlanCase, names: readonly string[] = []): number[] {
  return names.map((name) => {
    const found = model.hosts.findIndex((host) => host.name === name)
    if (found >= 0) return found
    const near = model.hosts.map((host) => host.name).filter((other) => other.includes(name))
    const hint = near.length > 0 ? ` Did you mean ${sayList(near.slice(0, 3))}?` : ''
    throw new CliError(exitCodes.notFound, `--host: there is no host "${name}" in the file.${hint}`)
  })
}

function told(
  asked: PlanCase,
  kind: 'evacuate' | 'failover',
  found: readonly Emptying[],
  { explain = false }: EmptyOptions,
  facts: {
    failures?: number
    survives?: boolean
    certain?: boolean
    worst?: object | null
    stopped: boolean
    unseen?: number
  },
  plannedMs: number,
): Told {
  const { model } = asked
  const nameOf = (host: number) => model.hosts[host]!.name
  const json = {
    format: 'drover-plan/1',
    kind,
    plannedMs,
    ...facts,
    cases: found.map(({ hosts, destinations, certain }) => ({
      hosts: hosts.map(nameOf),
      complete: destinations.every(({ to }) => to >= 0),
      certain,
      vms: destinations.map((one) => ({
        vm: model.vms[one.vm]!.name,
        source: nameOf(one.from),
        target: one.to < 0 ? null : nameOf(one.to),
        reason: reasonOf(asked, one),
        ...(explain ? { whyNot: groupedWhyNot(asked, one.against) } : {}),
      })),
    })),
  }
  const homeless = found.some(({ destinations }) => destinations.some(({ to }) => to < 0))
  return {
    json: [JSON.stringify(json, null, 2), '\n'],
    text: lines(asked, kind, found, explain, facts),
    lacking: facts.survives === undefined ? homeless : !facts.survives,
  }
}

/** Why it goes where it goes, or nowhere. */
function reasonOf(asked: PlanCase, { to, against }: Destination): string {
  if (to >= 0)
    return against.length === 0 ? 'the only other host' : 'has room for it, and leaves the load most even'
  const counts = new Map<string, number>()
  for (const { reason } of against) {
    const text =
      reason.code === 'short'
        ? 'have not enough memory left'
        : reason.code === 'other'
          ? 'have room for it, but then not for others'
          : sayWhyNot(asked, reason)
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  const parts = [...counts].map(([text, count]) => `${sayCount(count, 'host')}: ${text}`)
  return parts.length > 0 ? `nowhere: ${parts.join('; ')}` : 'nowhere: there is no other host'
}

function* lines(
  asked: PlanCase,
  kind: 'evacuate' | 'failover',
  found: readonly Emptying[],
  explain: boolean,
  { failures, survives, certain, worst, stopped, unseen = 0 }: Parameters<typeof told>[4],
) {
  const { model, memoryUnit } = asked
  const nameOf = (host: number) => model.hosts[host]!.name
  if (failures !== undefined) {
    const any = failures === 1 ? 'Any one host' : `Any ${failures} hosts`
    const sure = certain ? '' : ', as far as was found out'
    if (!survives && !worst) yield `Whether ${any.toLowerCase()} may fail was not found out.\n\n`
    else
      yield `${any} may ${survives ? '' : 'not '}fail${failures === 1 ? '' : ' at once'} with a place for all that is protected${sure}.\n\n`
  }
  if (unseen > 0)
    yield `The time was up: ${sayCount(unseen, 'host')} not looked at. Give a longer --budget.\n\n`
  else if (stopped) yield 'The time was up: this is what was found by then.\n\n'
  const many = found.length > 1
  if (many)
    yield `${table(found, [
      { title: 'host that fails', of: ({ hosts }) => sayList(hosts.map(nameOf)) },
      { title: 'vms', of: ({ destinations }) => destinations.length, right: true },
      {
        title: 'without a place',
        of: ({ destinations }) => destinations.filter(({ to }) => to < 0).length,
        right: true,
      },
    ])}\n`
  for (const { hosts, destinations } of found) {
    const shown = many && !explain ? destinations.filter(({ to }) => to < 0) : destinations
    if (shown.length === 0) {
      if (!many) yield `Nothing has to ${kind === 'evacuate' ? 'leave' : 'start elsewhere'}.\n`
      continue
    }
    const left = destinations.filter(({ to }) => to < 0).length
    yield `${many ? '\n' : ''}${sayList(hosts.map(nameOf))}: ${left === 0 ? `all ${destinations.length} have a place` : `${left} of ${destinations.length} have no place`}.\n`
    yield `${table(shown, [
      { title: 'vm', of: ({ vm }) => model.vms[vm]!.name },
      { title: 'memory', of: ({ vm }) => sayBytes(model.vms[vm]!.size[0]! * memoryUnit), right: true },
      { title: 'to', of: ({ to }) => (to < 0 ? '' : nameOf(to)) },
      { title: 'why', of: (one) => reasonOf(asked, one) },
    ])}\n`
    if (!explain) continue
    for (const { vm, against } of shown) yield* linesWhyNot(asked, vm, against)
  }
}
