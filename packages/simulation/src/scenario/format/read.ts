import { z } from 'zod'
import { type Question, questionSchema } from './question'
import { type Scenario, scenarioSchema } from './scenario'

/** A file as it was read: a timeline, a plan question, or why it is neither. */
export type ReadFile =
  | { kind: 'scenario'; scenario: Scenario }
  | { kind: 'plan'; question: Question }
  | { kind: 'wrong'; problem: string }

const anySchema = z.object({ format: z.string(), id: z.string() })

/** Reads a scenario or a plan question. What is wrong with it comes back in words, all of it. */
export function readScenario(text: string): ReadFile {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    return { kind: 'wrong', problem: `It is not JSON: ${(error as Error).message}.` }
  }
  const head = anySchema.safeParse(json)
  if (!head.success) return { kind: 'wrong', problem: 'It has no "format" or no "id".' }
  if (head.data.format === 'vmha-plan/1') {
    const question = questionSchema.safeParse(json)
    if (!question.success) return { kind: 'wrong', problem: z.prettifyError(question.error) }
    return { kind: 'plan', question: question.data }
  }
  if (head.data.format !== 'vmha-scenario/1') {
    const known = 'vmha-scenario/1 and vmha-plan/1'
    return { kind: 'wrong', problem: `Its format is ${head.data.format}; ${known} can be run.` }
  }
  const parsed = scenarioSchema.safeParse(json)
  if (!parsed.success) return { kind: 'wrong', problem: z.prettifyError(parsed.error) }
  const problems = dangling(parsed.data)
  if (problems.length > 0) return { kind: 'wrong', problem: problems.join('\n') }
  return { kind: 'scenario', scenario: parsed.data }
}

/** Hosts and VMs that are named and not there, things that are there twice, steps out of order. */
function dangling({ cluster, timeline, expect }: Scenario): string[] {
  const problems: string[] = []
  const hosts = names(cluster.hosts, 'host', problems)
  const vms = names(cluster.vms, 'VM', problems)
  names(cluster.rules, 'rule', problems)
  const host = (id: string | undefined, where: string): void => {
    if (id !== undefined && !hosts.has(id))
      problems.push(`${where} names the host ${id}, which is not there.`)
  }
  const vm = (id: string | undefined, where: string): void => {
    if (id !== undefined && !vms.has(id)) problems.push(`${where} names the VM ${id}, which is not there.`)
  }
  for (const one of cluster.vms) host(one.host, `VM ${one.id}`)
  for (const rule of cluster.rules) {
    for (const id of rule.vms) vm(id, `Rule ${rule.id}`)
    if (rule.kind === 'vm-host') for (const { id } of rule.hosts) host(id, `Rule ${rule.id}`)
  }
  let last = Number.NEGATIVE_INFINITY
  for (const step of timeline) {
    if (step.at < last) problems.push(`Step ${step.step} is before the one above it.`)
    last = step.at
    for (const op of step.do) {
      const where = `Step ${step.step}, ${op.op},`
      if ('host' in op) host(op.host, where)
      if ('to' in op) host(op.to, where)
      if (op.op === 'vm.register') vms.add(op.vm)
      else if ('vm' in op) vm(op.vm, where)
    }
  }
  const steps = new Set(timeline.map((step) => step.step))
  for (const one of expect) {
    const where = `The expectation ${one.id ?? one.kind}`
    if ('vm' in one) vm(one.vm, where)
    if ('host' in one) host(one.host, where)
    const at = 'at' in one ? one.at : undefined
    if (at && at !== 'end' && !steps.has(Number(at.slice('before-step:'.length))))
      problems.push(`${where} is about ${at}, which is not in the timeline.`)
  }
  return problems
}

function names(things: { id: string }[], noun: string, problems: string[]): Set<string> {
  const found = new Set<string>()
  for (const { id } of things) {
    if (found.has(id)) problems.push(`There are two ${noun}s named ${id}.`)
    found.add(id)
  }
  return found
}
