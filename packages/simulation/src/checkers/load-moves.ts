import type { LoadDecision, Task } from '@drover/model'
import type { Scene } from './checker'

/** A migration that Drover began by itself for the sake of load, and the decision that it is a part of; null: there is none. */
export interface LoadMove {
  task: Task<'vm.migrate'>
  decision: LoadDecision | null
}

/** Of those that began with an event from `from` on. What other tasks of Drover move is not among them. */
export function loadMovesSince(scene: Scene, from: number): LoadMove[] {
  const { ledger } = scene
  return ledger.events.slice(from).flatMap(({ body, initiator }) => {
    if (body.kind !== 'task.created' || body.what !== 'vm.migrate' || initiator.kind !== 'drover') return []
    const task = ledger.task(body.task.id) as Task<'vm.migrate'> | undefined
    if (!task || task.parentId !== null) return []
    const decision = decisionOf(scene, task.id)
    return decision || !isForRules(scene, task) ? [{ task, decision }] : []
  })
}

/** Every one so far that a rule about load began without asking. */
export function automaticMoves(scene: Scene): { task: Task<'vm.migrate'>; decision: LoadDecision }[] {
  return [...scene.ledger.folded.decision.values()].flatMap((decision) =>
    decision.moves.flatMap(({ taskId }) => {
      const task = taskId ? scene.ledger.task(taskId) : undefined
      // What empties a host for its sleep is moved by the task of that.
      if (task?.kind !== 'vm.migrate' || !decision.automatic || decision.person !== null) return []
      return [{ task: task as Task<'vm.migrate'>, decision }]
    }),
  )
}

/** The decision that a task is a part of. */
export function decisionOf({ ledger }: Scene, taskId: string): LoadDecision | null {
  for (const decision of ledger.folded.decision.values())
    if ([...decision.moves, ...decision.power].some((part) => part.taskId === taskId)) return decision
  return null
}

/** Drover also mends strict rules, which it says, and brings VMs to hosts that they prefer or came from. */
function isForRules({ ledger }: Scene, { reason, vmId }: Task): boolean {
  if (reason?.startsWith('The rule "') || reason === 'To mend a rule.') return true
  if (reason !== null) return false
  const prefers = [...ledger.folded.rule.values()].some(
    ({ relation, vmIds }) => relation === 'on' && vmIds.some((id) => id === vmId),
  )
  return prefers || (ledger.folded.vm.get(vmId ?? '')?.ha.failback ?? false)
}
