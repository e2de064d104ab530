import { type DecisionInputs, unpackInputs } from '@drover/engine'
import type { Checker, Scene } from './checker'
import { decisionOf, type LoadMove, loadMovesSince } from './load-moves'

/** Nothing automatic without a record that explains it. */
export function recorded(): Checker {
  let looked = 0
  return {
    name: 'decisions are on record',
    holds:
      'What a rule moves, puts to sleep or wakes by itself is a part of a decision that holds what it was made from.',
    always(scene) {
      const { events } = scene.ledger
      if (looked === events.length) return []
      const from = looked
      looked = events.length
      return [
        ...loadMovesSince(scene, from).flatMap((move) => moveOnRecord(scene, move)),
        ...powerOnRecord(scene, from),
      ]
    },
  }
}

function moveOnRecord(scene: Scene, { task, decision }: LoadMove): string[] {
  if (!decision) return [`${task.id} moves ${task.vmName}, and no decision says why: "${task.reason}"`]
  const part = decision.moves.find(({ taskId }) => taskId === task.id)!
  const wrong = inputsOf(scene, decision.id, ({ picture }) => {
    const vm = picture.vms.find(({ id }) => id === task.vmId)
    const at = vm && picture.hosts[vm.at]?.id
    if (!vm) return `its inputs lack ${task.vmName}`
    if (at !== task.params.sourceId) return `in its inputs ${task.vmName} is on ${at}`
    const hosts = picture.hosts.map(({ id }) => id)
    if (!hosts.includes(task.params.targetId)) return `its inputs lack ${task.params.targetId}`
    return null
  })
  if (part.vm.id !== task.vmId || part.target.id !== task.params.targetId)
    wrong.push(`${decision.id} says ${part.vm.name} to ${part.target.name}, and ${task.id} does otherwise`)
  if (part.text === '' || decision.text === '') wrong.push(`${decision.id} has no words`)
  return wrong
}

function powerOnRecord(scene: Scene, from: number): string[] {
  return scene.ledger.events.slice(from).flatMap(({ body, initiator }) => {
    if (body.kind !== 'task.created' || initiator.kind !== 'drover') return []
    if (!/^host\.(sleep|wake)$/.test(body.what)) return []
    const task = scene.ledger.task(body.task.id)
    if (!task || task.parentId !== null) return []
    const decision = decisionOf(scene, task.id)
    if (!decision) return [`${task.id} (${body.what}) of ${task.host?.name}, and no decision says why`]
    return inputsOf(scene, decision.id, ({ picture }) =>
      picture.hosts.some(({ id }) => id === task.host?.id) ? null : `its inputs lack ${task.host?.name}`,
    )
  })
}

/** What is wrong with what a decision says it was made from. */
function inputsOf({ ledger }: Scene, id: string, check: (inputs: DecisionInputs) => string | null): string[] {
  const decision = ledger.folded.decision.get(id)!
  const inputs = unpackInputs(decision.inputs)
  if (!inputs?.picture || !inputs.rules || !inputs.memory)
    return [`the inputs of ${id} cannot be read: "${decision.inputs.slice(0, 40)}"`]
  const { rules } = inputs
  const { id: by, version } = decision.by
  const is =
    { balance: rules.balance, power: rules.power }[by] ?? rules.thresholds.find((one) => one.id === by)
  if (is?.version !== version)
    return [`${id} names version ${version} of ${by}, and its inputs ${is?.version}`]
  const wrong = check(inputs)
  return wrong ? [`${id}: ${wrong}`] : []
}
