import type { CommandResult, HostId, World } from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision } from '../decision'
import { advance } from './advance'

/** The task that a command belongs to: `task-17/3` is of `task-17`. */
export function taskIdOf(commandId: string): string {
  return commandId.slice(0, commandId.lastIndexOf('/'))
}

/**
 * Takes an agent's answer to a command and moves its task on. An answer that was taken before, that belongs to a command
 * given up long ago or that comes from another host than was asked changes nothing.
 */
export function decideResult(
  world: World,
  { hostId, commandId, result }: { hostId: HostId | 'control'; commandId: string; result: CommandResult },
  ctx: Context,
): Decision {
  const task = world.tables.task.get(taskIdOf(commandId))
  const current = task?.command?.id === commandId && task.command.hostId === hostId && !task.result
  return accept(task && current ? advance(world, { ...task, result }, ctx) : [], null)
}

/** Moves a task on as far as it can go now. */
export function decideAdvance(world: World, taskId: string, ctx: Context): Decision {
  const task = world.tables.task.get(taskId)
  return accept(task ? advance(world, task, ctx) : [], null)
}
