import type { Scenario } from '../format/scenario'
import { judge } from '../judge/judge'
import { runScenario } from '../run'

export type Expected = Scenario['expect'][number]

export const runs = (name: string, on: string[], at = 'end'): Expected => ({
  tier: 'must',
  kind: 'vm',
  vm: name,
  running: true,
  host_in: on,
  at,
})
export const isOff = (name: string, at = 'end'): Expected => ({
  tier: 'must',
  kind: 'vm',
  vm: name,
  running: false,
  at,
})
export const untouched = (name: string): Expected => ({ tier: 'must', kind: 'untouched', vm: name })
export const noDowntime = (name: string): Expected => ({ tier: 'should', kind: 'no_downtime', vm: name })
export const reported = (name: string, status: string, at = 'end'): Expected => ({
  tier: 'should',
  kind: 'reported',
  vm: name,
  status_in: [status],
  at,
})
const safe: Expected[] = (
  ['single_instance', 'fence_before_restart', 'start_on_available_host', 'stopped_stays_stopped'] as const
).map((name) => ({ tier: 'must', kind: 'invariant', name }))
export const allRun: Expected = { tier: 'must', kind: 'placeable_running', at: 'end', except: [] }

/** What does not hold of a scenario, in words; beside what is expected, all that is for safety. */
export async function broken(scenario: Scenario, expect: Expected[]): Promise<string[]> {
  const whole = { ...scenario, expect: [...safe, ...expect] }
  const { trace, restless, refused } = await runScenario(whole)
  const wrong = judge(whole, trace, new Set())
    .filter(({ ok }) => !ok)
    .map(({ expectation, found }) => `${JSON.stringify(expectation)}: ${found}`)
  return wrong.length > 0 ? [...wrong, ...restless, ...refused] : []
}
