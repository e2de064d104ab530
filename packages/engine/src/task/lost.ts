import type { Change, CommandResult, Host, Task, World } from '@drover/model'
import type { Context } from '../context'
import { givenUp } from './giveUp'

/** The host that an order is out to and that is proven dead: it will never answer. */
export function deadHost(world: World, task: Task): Host | null {
  const { command } = task
  if (!command || command.hostId === 'control') return null
  if (!task.kind.startsWith('vm.') && task.kind !== 'host.clean') return null
  const host = world.tables.host.get(command.hostId)
  return host?.state === 'fenced' ? host : null
}

/**
 * What becomes of a task whose order was out to a host that is dead. A restart, and a live migration that has begun, find
 * out themselves what is left, and are told that nobody answers; all others end here, so that their VM is free.
 */
export function afterDeath(
  world: World,
  task: Task,
  host: Host,
  ctx: Context,
): { answer: CommandResult } | { ended: Change } {
  if (!goesOn(task)) return { ended: givenUp(world, task, host, { ...ctx, initiator: { kind: 'drover' } }) }
  return { answer: { ok: false, error: 'unreachable', message: `${host.name} is proven to be dead` } }
}

function goesOn(task: Task): boolean {
  if (task.kind === 'vm.restart') return true
  if (task.kind !== 'vm.migrate' || (task as Task<'vm.migrate'>).params.method === 'cold') return false
  const step = task.steps.find(({ state }) => state === 'running')?.name
  return step === 'migrate' || step === 'confirm where it runs' || step === 'clean up'
}
