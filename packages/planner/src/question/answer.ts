import { Layout } from '../model/layout'
import { unitsOf } from '../model/unit'
import { tolerates } from '../survive/tolerates'
import { answerEvacuate } from './evacuate'
import { modelOfQuestion, type PlanAnswer, type PlanQuestion, questionLooks } from './format'

/** Answers a question about one state of a cluster. The cluster is taken as it is; errors name what is wrong in it. */
export function answerPlan(question: PlanQuestion): PlanAnswer {
  switch (question.kind) {
    case 'tolerate':
      return answerTolerate(question)
    case 'admit':
      return answerAdmit(question)
    case 'evacuate':
      return answerEvacuate(question)
  }
}

const thorough = { looks: questionLooks, combinations: 1_000_000 }

function answerTolerate({ id, cluster, ask }: Extract<PlanQuestion, { kind: 'tolerate' }>): PlanAnswer {
  const { ok, certain } = tolerates(modelOfQuestion(cluster), ask.host_failures, thorough)
  return { format: 'vmha-answer/1', id, certain, tolerates: ok }
}

/** Each host that has room for the VM now, and on which it could be lost with all others that fail. */
function answerAdmit({ id, cluster, ask }: Extract<PlanQuestion, { kind: 'admit' }>): PlanAnswer {
  const model = modelOfQuestion(cluster, { extra: { ...ask.vm, host: null } })
  const layout = new Layout(model)
  const [unit] = unitsOf(model, [cluster.vms.length])
  let certain = true
  const hosts: string[] = []
  for (const [i, host] of cluster.hosts.entries()) {
    if (!layout.fits(unit!, i)) continue
    const started = modelOfQuestion(cluster, { extra: { ...ask.vm, host: host.id } })
    const tolerance = tolerates(started, ask.host_failures, thorough)
    certain &&= tolerance.certain
    if (tolerance.ok) hosts.push(host.id)
  }
  return { format: 'vmha-answer/1', id, certain, admit: hosts.length > 0, hosts }
}
