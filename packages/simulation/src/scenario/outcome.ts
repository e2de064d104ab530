import { answerPlan, type PlanAnswer } from '@drover/planner'
import { readScenario } from './format/read'
import type { Missing } from './gates'
import { judge, type Verdict } from './judge/judge'
import { type AnswerVerdict, judgeAnswer } from './judge/plan'
import { runScenario } from './run'
import type { Trace } from './trace/trace'

/** What became of one file. `ignored`: fields of it that nothing here knows. */
export type Outcome =
  | {
      kind: 'ran'
      id: string
      title: string
      trace: Trace
      verdicts: Verdict[]
      notes: string[]
      ignored: string[]
      virtualMs: number
    }
  | {
      kind: 'answered'
      id: string
      title: string
      answer: PlanAnswer
      verdicts: AnswerVerdict[]
      ignored: string[]
    }
  | { kind: 'skipped'; id: string; title: string; missing: Missing[] }
  | { kind: 'wrong'; problem: string }

/** Reads a file's text and does what it asks for. `declared`: the policy tags that count. */
export async function runText(text: string, declared: ReadonlySet<string>): Promise<Outcome> {
  const file = readScenario(text)
  switch (file.kind) {
    case 'wrong':
      return file
    case 'lacking':
      return { ...file, kind: 'skipped' }
    case 'plan': {
      const { question, ignored } = file
      const { id, title } = question
      const answer = answerPlan(question)
      const verdicts = judgeAnswer(question, answer, declared)
      return { kind: 'answered', id, title, answer, verdicts, ignored }
    }
    case 'scenario': {
      const { scenario, ignored } = file
      const { id, title } = scenario
      const { trace, refused, restless, virtualMs } = await runScenario(scenario)
      const notes = [
        ...refused.map((one) => `refused: ${one}`),
        ...restless.map((one) => `did not come to rest: ${one}`),
      ]
      const verdicts = judge(scenario, trace, declared)
      return { kind: 'ran', id, title, trace, verdicts, notes, ignored, virtualMs }
    }
  }
}
