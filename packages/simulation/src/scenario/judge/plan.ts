import type { PlanAnswer } from '@drover/planner'
import type { Question, QuestionExpectation } from '../format/question'
import type { Finding } from './kinds'

/** An answer has what its kind of question asks for; the rest is not there. */
interface Said {
  tolerates?: boolean
  admit?: boolean
  hosts?: string[]
  complete?: boolean
  moves?: { vm: string; target: string }[]
}

export interface AnswerVerdict extends Finding {
  expectation: QuestionExpectation
}

/** Whether an answer is what a question expects. Policy counts only where its tag is declared. */
export function judgeAnswer(
  question: Question,
  given: PlanAnswer,
  declared: ReadonlySet<string>,
): AnswerVerdict[] {
  const answer: Said = given
  const hosts = new Set(question.cluster.hosts.map(({ id }) => id))
  const places = new Map(question.cluster.vms.map(({ id, host }) => [id, host]))
  const senseless = (answer.moves ?? []).filter(({ vm, target }) => !places.has(vm) || !hosts.has(target))
  for (const move of answer.moves ?? []) if (!senseless.includes(move)) places.set(move.vm, move.target)
  const found = (expectation: QuestionExpectation): Finding => {
    switch (expectation.kind) {
      case 'verdict':
        return verdict(question, answer, expectation, places)
      case 'memory_fits': {
        const over = overfull(question, places)
        const nonsense = senseless.map(({ vm, target }) => `${vm} to ${target}`)
        return { ok: over.length + nonsense.length === 0, found: [...over, ...nonsense].join('; ') || 'fits' }
      }
      case 'apart_uses_two_hosts': {
        const one = expectation.rules.filter((rule) => new Set(at(question, places, rule)).size < 2)
        return { ok: one.length === 0, found: one.length === 0 ? 'apart' : `on one host: ${one.join(', ')}` }
      }
      case 'spread': {
        const uneven = unevenness(question, places)
        return { ok: uneven <= expectation.sum_of_max_minus_min, found: String(uneven) }
      }
    }
  }
  return question.expect
    .filter(
      ({ tier, tag }) => tier !== 'policy' || declared.has('all') || (tag !== undefined && declared.has(tag)),
    )
    .map((expectation) => ({ expectation, ...found(expectation) }))
}

function verdict(
  question: Question,
  answer: Said,
  expected: Extract<QuestionExpectation, { kind: 'verdict' }>,
  places: Map<string, string>,
): Finding {
  const same = (['tolerates', 'admit', 'complete'] as const).every(
    (key) => expected[key] === undefined || answer[key] === expected[key],
  )
  const hostsRight =
    !expected.hosts ||
    !expected.admit ||
    ((answer.hosts?.length ?? 0) > 0 && answer.hosts!.every((host) => expected.hosts!.includes(host)))
  const emptied =
    !expected.complete || question.kind !== 'evacuate' || ![...places.values()].includes(question.ask.host)
  const { tolerates, admit, hosts, complete } = answer
  return { ok: same && hostsRight && emptied, found: JSON.stringify({ tolerates, admit, hosts, complete }) }
}

/** Hosts that hold more than they have; and whether any answer could have changed that. */
function overfull({ cluster }: Question, places: Map<string, string>): string[] {
  const holds = (host: string, at: (vm: Question['cluster']['vms'][number]) => string) =>
    cluster.vms.reduce((sum, vm) => sum + (at(vm) === host ? vm.mem_mib : 0), 0)
  const over = cluster.hosts.flatMap(({ id, mem_mib }) => {
    const used = holds(id, (vm) => places.get(vm.id)!)
    if (used <= mem_mib) return []
    const before = holds(id, (vm) => vm.host)
    const first = before > mem_mib ? ` (${before} before)` : ''
    return [`${id} holds ${used} MiB${first} and has ${mem_mib}`]
  })
  const needed = cluster.vms.reduce((sum, { mem_mib }) => sum + mem_mib, 0)
  const there = cluster.hosts.reduce((sum, { mem_mib }) => sum + mem_mib, 0)
  return over.length > 0 && needed > there
    ? [...over, `no answer could fit: all VMs need ${needed} MiB, and all hosts have ${there}`]
    : over
}

function at({ cluster }: Question, places: Map<string, string>, rule: string): string[] {
  const vms = cluster.rules.find(({ id }) => id === rule)?.vms ?? []
  return vms.map((vm) => places.get(vm)!)
}

/** Over all rules, how many more VMs of it the fullest host has than the emptiest. */
function unevenness(question: Question, places: Map<string, string>): number {
  const emptied = question.kind === 'evacuate' ? question.ask.host : null
  const hosts = question.cluster.hosts.filter(({ id }) => id !== emptied)
  return question.cluster.rules.reduce((sum, rule) => {
    const of = at(question, places, rule.id)
    const counts = hosts.map(({ id }) => of.filter((host) => host === id).length)
    return sum + Math.max(...counts) - Math.min(...counts)
  }, 0)
}
