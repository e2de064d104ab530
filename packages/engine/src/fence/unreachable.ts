import type { CommandResult, Host, Task } from '@drover/model'
import type { CommandBody, Inspection } from '@drover/protocol'
import { decideResult } from '../task/result'
import type { Changes } from '../world/changes'
import { tasksOn } from '../world/find'

/**
 * Answers, in the place of a host that is proven dead, the orders that wait for it: nothing runs there, and nothing will
 * be carried out. So what was under way ends with the truth instead of waiting for a machine that may never come back.
 */
export function answerForFenced(changes: Changes, host: Host): void {
  for (const task of tasksOn(changes.world, host.id)) {
    const { command } = task
    if (!command || task.result || command.hostId !== host.id) continue
    if (onlyItKnows(task, command.body as CommandBody)) continue
    const result = answerOf(task, command.body as CommandBody, host)
    const input = { hostId: host.id, commandId: command.id, result }
    const decision = decideResult(changes.world, input, changes.ctx)
    if (decision.ok) changes.add(decision.change)
  }
}

/**
 * A VM that was moving with its disks has two copies of them, and only its hosts can say which is the newer one. That is
 * worth waiting for: the other copy would be started with everything lost that the guest wrote since.
 */
function onlyItKnows(task: Task, body: CommandBody): boolean {
  if (task.kind !== 'vm.migrate' || body.kind !== 'vm.inspect') return false
  const { method } = (task as Task<'vm.migrate'>).params
  return (
    method === 'live-with-disks' &&
    task.steps.some(({ name, state }) => name === 'migrate' && state === 'done')
  )
}

function answerOf(task: Task, body: CommandBody, host: Host): CommandResult {
  if (body.kind !== 'vm.inspect')
    return {
      ok: false,
      error: 'unreachable',
      message: `${host.name} is fenced: ${host.proof?.text ?? 'it is off'}`,
    }
  const inspection: Inspection = {
    domain: {
      uuid: body.uuid,
      name: task.vmName || 'unknown',
      state: 'off',
      reason: host.proof?.text.slice(0, 200) ?? null,
      vcpus: 1,
      memoryBytes: 0,
      disks: [],
      nics: [],
      persistent: true,
      definitionSha256: '',
      job: 'none',
    },
    definition: null,
  }
  return { ok: true, data: inspection }
}
