import { traceEvents } from '../trace/trace'
import type { Question } from './question'
import type { Scenario } from './scenario'

/** Says what is not there, where it is named. */
type Check = (id: string | undefined, where: string) => void

/** Hosts and VMs that are named and not there, things that are there twice, steps out of order: each in words. */
export function danglingOf({ cluster, timeline, expect, inject }: Scenario): string[] {
  const problems: string[] = []
  const vms = names(cluster.vms, 'VM', problems)
  const host = checkOf('host', names(cluster.hosts, 'host', problems), problems)
  const rule = checkOf('rule', names(cluster.rules, 'rule', problems), problems)
  const vm = checkOf('VM', vms, problems)
  for (const one of cluster.vms) host(one.host, `VM ${one.id}`)
  for (const id of Object.keys(inject?.vms ?? {})) vm(id, 'inject')
  for (const id of Object.keys(inject?.hosts ?? {})) host(id, 'inject')
  let last = Number.NEGATIVE_INFINITY
  const steps = new Set<number>()
  for (const step of timeline) {
    if (step.at < last)
      problems.push(`Step ${step.step} is before the one above it. Order steps by their "at".`)
    if (steps.has(step.step)) problems.push(`There are two steps ${step.step}. Number them apart.`)
    steps.add(step.step)
    last = step.at
    for (const op of step.do) {
      const where = `Step ${step.step}, ${op.op},`
      if ('host' in op) host(op.host, where)
      if ('to' in op) host(op.to, where)
      if (op.op === 'vm.register') vms.add(op.vm)
      else if ('vm' in op) vm(op.vm, where)
    }
  }
  for (const one of cluster.rules) {
    for (const id of one.vms) vm(id, `Rule ${one.id}`)
    if (one.kind === 'vm-host') for (const { id } of one.hosts) host(id, `Rule ${one.id}`)
  }
  for (const one of expect) expectation(one, { host, vm, rule, steps, problems })
  return problems
}

interface Known {
  host: Check
  vm: Check
  rule: Check
  steps: ReadonlySet<number>
  problems: string[]
}

/** An expectation about something that is not there could only hold, or fail, for no reason. */
function expectation(one: Scenario['expect'][number], { host, vm, rule, steps, problems }: Known): void {
  const where = `The expectation ${one.id ?? one.kind}`
  const step = (number: number): void => {
    if (!steps.has(number))
      problems.push(`${where} is about step ${number}, which is not in the timeline. Correct the number.`)
  }
  if ('vm' in one) vm(one.vm, where)
  if ('host' in one) host(one.host, where)
  if ('host_in' in one) for (const id of one.host_in ?? []) host(id, where)
  if (one.kind === 'start_sequence') for (const id of one.hosts) host(id, where)
  if (one.kind === 'placeable_running') for (const id of one.except) vm(id, where)
  if (one.kind === 'rules') for (const id of one.rules) rule(id, where)
  if (one.kind === 'within') step(one.after_step)
  const at = 'at' in one ? one.at : undefined
  if (at && at !== 'end') step(Number(at.slice('before-step:'.length)))
  const events =
    one.kind === 'count'
      ? [one.event]
      : one.kind === 'never'
        ? [one.event.ev]
        : one.kind === 'order'
          ? [one.first.ev, one.then.ev]
          : []
  for (const ev of events)
    if (ev !== undefined && !traceEvents.has(String(ev)))
      problems.push(
        `${where} is about ${String(ev)}, which no trace has. Events are ${[...traceEvents].join(', ')}.`,
      )
}

/** The same of a plan question. */
export function danglingOfQuestion(question: Question): string[] {
  const { cluster, expect } = question
  const problems: string[] = []
  const asked = question.kind === 'admit' ? [question.ask.vm] : []
  const vm = checkOf('VM', names([...cluster.vms, ...asked], 'VM', problems), problems)
  const host = checkOf('host', names(cluster.hosts, 'host', problems), problems)
  const rule = checkOf('rule', names(cluster.rules, 'rule', problems), problems)
  for (const one of cluster.vms) host(one.host, `VM ${one.id}`)
  for (const one of cluster.rules) {
    for (const id of one.vms) vm(id, `Rule ${one.id}`)
    for (const { id } of one.hosts ?? []) host(id, `Rule ${one.id}`)
  }
  if (question.kind === 'evacuate') host(question.ask.host, 'The question (ask.host)')
  for (const one of expect) {
    const where = `The expectation ${one.kind}`
    if (one.kind === 'verdict') for (const id of one.hosts ?? []) host(id, where)
    if (one.kind === 'apart_uses_two_hosts') for (const id of one.rules) rule(id, where)
  }
  return problems
}

function checkOf(noun: string, known: ReadonlySet<string>, problems: string[]): Check {
  return (id, where) => {
    if (id !== undefined && !known.has(id))
      problems.push(`${where} names the ${noun} ${id}, which is not there. Correct the name, or add it.`)
  }
}

function names(things: { id: string }[], noun: string, problems: string[]): Set<string> {
  const found = new Set<string>()
  for (const { id } of things) {
    if (found.has(id)) problems.push(`There are two ${noun}s named ${id}. Give each a name of its own.`)
    found.add(id)
  }
  return found
}
