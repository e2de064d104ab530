import { decideSleep, type EvacuationStarted, rehearseSleep, type SleepInput } from '@drover/engine'
import { z } from 'zod'
import { commit, type SignedIn } from '../act'
import { found } from '../found'
import { acting } from '../schema/acting'
import { hostId } from '../schema/id'
import { operator } from '../trpc'

const flag = z.boolean('must be true or false.').default(false)
const input = z.object({
  hostId,
  /** Also when those that stay awake would not survive the failures that they should. */
  evenIfNeeded: flag,
  /** Goes down and is woken at once, to show that it can be. */
  test: flag,
  ...acting,
})

/** Puts a host to sleep until somebody wakes it; with `test` only to show that it can be woken. */
export const sleep = operator
  .input(input)
  .mutation(({ ctx, input }): Promise<EvacuationStarted> => putToSleep(ctx, input))

/** Says on a dry run what would be done; else begins it. */
export async function putToSleep(
  ctx: SignedIn,
  { hostId, evenIfNeeded, test, reason, dryRun }: z.infer<typeof input>,
): Promise<EvacuationStarted> {
  const { world } = ctx.control
  found(world.tables.host.get(hostId), 'host', hostId)
  const who = test
    ? 'It is shown that it can be woken.'
    : `${ctx.user.name} put it to sleep${reason ? `: ${reason}` : ''}.`
  const sleep: SleepInput = {
    hostId,
    why: who,
    decisionId: null,
    until: null,
    byHand: true,
    evenIfNeeded,
    test,
    reason: reason ?? null,
  }
  if (dryRun) return rehearseSleep(world, sleep)
  return commit(ctx, (now, context) => decideSleep(now, sleep, context), reason)
}
