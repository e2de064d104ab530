import type { Expectation } from '../format/expect'
import type { Scenario } from '../format/scenario'
import type { Trace } from '../trace/trace'
import { type Course, courseOf } from './course'
import { type Finding, judges } from './kinds'

export interface Verdict extends Finding {
  expectation: Expectation
}

/** Judges a trace against what its scenario expects. Policy counts only where its tag is declared (`all`: every one). */
export function judge(scenario: Scenario, trace: Trace, declared: ReadonlySet<string>): Verdict[] {
  const course = courseOf(scenario, trace)
  return scenario.expect
    .filter(
      ({ tier, tag }) => tier !== 'policy' || declared.has('all') || (tag !== undefined && declared.has(tag)),
    )
    .map((expectation) => {
      const of = judges[expectation.kind] as (course: Course, expectation: Expectation) => Finding
      return { expectation, ...of(course, expectation) }
    })
}
