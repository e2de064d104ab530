import { methodWords, sayDuration, sayRefusal, type TaskPlan, taskVerbs } from '@drover/model'

/** A plan in lines: what would happen, where, in which steps, and every reason against it. */
export function sayPlan(plan: TaskPlan, name: string): string {
  const to = plan.target ? ` to ${plan.target.name}` : ''
  const how = plan.method ? `, ${methodWords[plan.method]}` : ''
  const lines = [`Would ${taskVerbs[plan.what]} ${name}${to}${how}.`]
  if (plan.verdict.ok) {
    plan.steps.forEach((step, i) => {
      lines.push(`  ${i + 1}. ${step.name}${step.host ? ` (${step.host.name})` : ''}`)
    })
    if (plan.expectedMs) lines.push(`Expected to take ${sayDuration(plan.expectedMs)}.`)
    if (plan.warning) lines.push(`Mind: ${plan.warning}`)
    lines.push('Nothing stands against it. Nothing was changed.')
  } else {
    lines.push('It cannot be done now:')
    for (const refusal of plan.verdict.refusals) lines.push(`  - ${sayRefusal(refusal)}`)
    lines.push('Nothing was changed.')
  }
  return lines.join('\n')
}
