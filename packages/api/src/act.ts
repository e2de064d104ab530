import { accept, type Decide, type Decision } from '@drover/engine'
import type { Initiator, TaskId, TaskPlan, User } from '@drover/model'
import type { ApiContext } from './context'
import { granted } from './refused'

type SignedIn = ApiContext & { user: User }

/** What an acting procedure answers: what it does or would do, and the task that does it (null on a dry run). */
export interface Acted {
  taskId: TaskId | null
  plan: TaskPlan
}

/** What a change that is made at once answers; `done` is false on a dry run. */
export interface Done {
  done: boolean
}

/** Who history says it was. */
export function initiatorOf(ctx: SignedIn): Initiator {
  return { kind: 'user', id: ctx.user.id, name: ctx.user.name }
}

/** Has the writer decide and commit; throws every reason against. */
export async function commit<V>(ctx: SignedIn, decide: Decide<V>): Promise<V> {
  return granted(await ctx.control.propose(initiatorOf(ctx), decide))
}

/** Durable work on a VM. On a dry run only its plan; refused with every reason either way. */
export async function act(ctx: SignedIn, input: { dryRun?: boolean }, decide: Decide<Acted>): Promise<Acted> {
  const { taskId, plan } = await commit(ctx, input.dryRun ? rehearsed(decide) : decide)
  return { taskId: input.dryRun ? null : taskId, plan }
}

/** A change that is made at once. On a dry run it is only found possible, or refused with every reason. */
export async function change(
  ctx: SignedIn,
  input: { dryRun?: boolean },
  decide: Decide<unknown>,
): Promise<Done> {
  await commit(ctx, input.dryRun ? rehearsed(decide) : decide)
  return { done: !input.dryRun }
}

/** The same decision with nothing to commit. */
function rehearsed<V>(decide: Decide<V>): Decide<V> {
  return (world, context): Decision<V> => {
    const decision = decide(world, context)
    return decision.ok ? accept([], decision.value) : decision
  }
}
