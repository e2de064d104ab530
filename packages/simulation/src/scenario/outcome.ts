import { answerPlan, type PlanAnswer } from '@drover/planner'
import { readScenario } from './format/read'
import type { Scenario } from './format/scenario'
import { missing } from './gates'
import { judge, type Verdict } from './judge/judge'
import { type AnswerVerdict, judgeAnswer } from './judge/plan'
import { runScenario } from './run'
import type { Trace } from './trace/trace'

/** What became of one file. */
export type Outcome =
  | {
      kind: 'ran'
      id: string
      title: string
      trace: Trace
      verdicts: Verdict[]
      notes: string[]
      virtualMs: number
    }
  | { kind: 'answered'; id: string; title: string; answer: PlanAnswer; verdicts: AnswerVerdict[] }
  | { kind: 'skipped'; id: string; title: string; missing: { feature: string; why: string }[] }
  | { kind: 'wrong'; problem: string }

/** Reads a file's text and does what it asks for. `declared`: the policy tags that count. */
export async function runText(text: string, declared: ReadonlySet<string>): Promise<Outcome> {
  const file = readScenario(text)
  if (file.kind === 'wrong') return file
  if (file.kind === 'plan') {
    const { id, title } = file.question
    const answer = answerPlan(file.question)
    return { kind: 'answered', id, title, answer, verdicts: judgeAnswer(file.question, answer, declared) }
  }
  return runTimeline(file.scenario, declared)
}

async function runTimeline(scenario: Scenario, declared: ReadonlySet<string>): Promise<Outcome> {
  const { id, title } = scenario
  const lacking = missing(scenario)
  if (lacking.length > 0) return { kind: 'skipped', id, title, missing: lacking }
  const { trace, refused, restless, virtualMs } = await runScenario(scenario)
  const notes = [
    ...refused.map((one) => `refused: ${one}`),
    ...restless.map((one) => `did not come to rest: ${one}`),
  ]
  return { kind: 'ran', id, title, trace, verdicts: judge(scenario, trace, declared), notes, virtualMs }
}
