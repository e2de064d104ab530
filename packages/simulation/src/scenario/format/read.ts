import { z } from 'zod'
import { type Missing, missing } from '../gates'
import { danglingOf, danglingOfQuestion } from './dangling'
import { ignoredFields, ignoredStates } from './ignored'
import { type Question, questionSchema } from './question'
import { sayIssues } from './say'
import { type Scenario, scenarioSchema } from './scenario'

/**
 * A file as it was read: a timeline, a plan question, or why it is neither. `ignored`: fields that nothing here knows.
 * `lacking`: it requires what Drover does not have; the rest of it is not read, for it may be about just that.
 */
export type ReadFile =
  | { kind: 'lacking'; id: string; title: string; missing: Missing[] }
  | { kind: 'scenario'; scenario: Scenario; ignored: string[] }
  | { kind: 'plan'; question: Question; ignored: string[] }
  | { kind: 'wrong'; problem: string }

const known = 'vmha-scenario/1 (a timeline) and vmha-plan/1 (a question)'
const anySchema = z.object({
  format: z.string(),
  id: z.string().min(1),
  title: z.string().default('').catch(''),
  requires: z.array(z.string()).default([]).catch([]),
})

/** Reads a scenario or a plan question. What is wrong with it comes back in words, all of it. */
export function readScenario(text: string): ReadFile {
  let json: unknown
  try {
    // Some editors begin a file with a mark of its byte order.
    json = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    return wrong(`It is not JSON: ${(error as Error).message}.`)
  }
  const head = anySchema.safeParse(json)
  if (!head.success)
    return wrong(`It has to begin with a "format" and an "id", both texts. Formats are ${known}.`)
  if (head.data.format === 'vmha-plan/1') {
    const read = questionSchema.safeParse(json)
    if (!read.success) return wrong(sayIssues(read.error, json))
    const problems = danglingOfQuestion(read.data)
    if (problems.length > 0) return wrong(problems.join('\n'))
    return { kind: 'plan', question: read.data, ignored: ignoredFields(json, read.data) }
  }
  if (head.data.format !== 'vmha-scenario/1')
    return wrong(`Its format is ${head.data.format}; what can be run is ${known}.`)
  const { id, title, requires } = head.data
  const lacking = missing(requires)
  if (lacking.length > 0) return { kind: 'lacking', id, title, missing: lacking }
  const read = scenarioSchema.safeParse(json)
  if (!read.success) return wrong(sayIssues(read.error, json))
  const problems = danglingOf(read.data)
  if (problems.length > 0) return wrong(problems.join('\n'))
  const ignored = [...ignoredFields(json, read.data), ...ignoredStates(read.data)]
  return { kind: 'scenario', scenario: read.data, ignored }
}

function wrong(problem: string): ReadFile {
  return { kind: 'wrong', problem }
}
