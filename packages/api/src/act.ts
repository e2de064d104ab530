import { accept, type Decide, type Decision } from '@drover/engine'
import type { Initiator, TaskId, TaskPlan, User, World } from '@drover/model'
import type { ApiContext } from './context'
import { granted } from './refused'

export type SignedIn = ApiContext & { user: User }

/** What an acting procedure answers: what it does or would do, and the task that does it (null on a dry run). */
export interface Acted {
  taskId: TaskId | null
  plan: TaskPlan
}

/** What a change that is made at once answers; `done` is false on a dry run. */
export interface Done {
  done: boolean
}

/** What every acting procedure takes; `schema/acting.ts` reads it. */
export interface Acting {
  reason?: string
  dryRun?: boolean
}

/** Who history says it was. */
export function initiatorOf(ctx: SignedIn): Initiator {
  return { kind: 'user', id: ctx.user.id, name: ctx.user.name }
}

/** Has the writer decide and commit, with why for history; throws every reason against. */
export async function commit<V>(ctx: SignedIn, decide: Decide<V>, reason?: string): Promise<V> {
  return granted(await ctx.control.propose(initiatorOf(ctx), decide, reason || null))
}

/**
 * Durable work: accepted as a task, or refused with every reason. On a dry run only the plan is made, with its
 * reasons against as part of it.
 */
export async function act(
  ctx: SignedIn,
  input: Acting,
  verb: { plan: (world: World) => TaskPlan; decide: Decide<Acted> },
): Promise<Acted> {
  if (input.dryRun) return { taskId: null, plan: verb.plan(ctx.control.world) }
  return commit(ctx, verb.decide, input.reason)
}

/** A change that is made at once. On a dry run it is only found possible, or refused with every reason. */
export async function change(ctx: SignedIn, input: Acting, decide: Decide<unknown>): Promise<Done> {
  await commit(ctx, input.dryRun ? rehearsed(decide) : decide, input.reason)
  return { done: !input.dryRun }
}

/** The same decision with nothing to commit. */
function rehearsed<V>(decide: Decide<V>): Decide<V> {
  return (world, context): Decision<V> => {
    const decision = decide(world, context)
    return decision.ok ? accept([], decision.value) : decision
  }
}
