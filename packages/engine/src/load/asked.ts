import type { LoadMemory, LoadPicture, LoadRules } from '@drover/model'
import type { JudgeJob, PlanJob, ResultOf } from '@drover/planner'

/**
 * What is answered once rules have been asked, which takes long in large clusters: whoever asks has the job done where nobody
 * waits for it, and comes back with the result.
 */
export interface Asked<J extends PlanJob, T> {
  /** Null: there is nothing to be asked. */
  job: J | null
  answer(result: ResultOf<J> | null): T
}

/** Somebody waits for the answer: what is found within so many milliseconds does. */
export const answerMs = 5_000

/** What rules come to now, as if their hold times had passed. */
export function judgeJob(picture: LoadPicture, rules: LoadRules, memory: LoadMemory): JudgeJob {
  const asked = { picture, rules, memory, holdPassed: true, watchOnly: false }
  return { kind: 'judge', ...asked, budgetMs: answerMs }
}
