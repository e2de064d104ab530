import { decideWake, planWake } from '@drover/engine'
import { z } from 'zod'
import { type Acted, act } from '../act'
import { found } from '../found'
import { acting } from '../schema/acting'
import { hostId } from '../schema/id'
import { operator } from '../trpc'
import { putToSleep } from './sleep'

const input = z.object({
  hostId,
  /** It is awake: it goes down and is woken at once, to show that it can be. */
  test: z.boolean('must be true or false.').default(false),
  ...acting,
})

/** Wakes a host that sleeps, and waits for its agent; one that is only being emptied for it stays awake. */
export const wake = operator.input(input).mutation(async ({ ctx, input }): Promise<Acted> => {
  if (input.test) return putToSleep(ctx, { ...input, evenIfNeeded: false })
  const why = `${ctx.user.name} wants it awake.`
  return act(ctx, input, {
    plan: (world) => planWake(world, found(world.tables.host.get(input.hostId), 'host', input.hostId)),
    decide: (world, context) =>
      decideWake(
        world,
        { hostId: input.hostId, why, decisionId: null, reason: input.reason ?? null },
        context,
      ),
  })
})
