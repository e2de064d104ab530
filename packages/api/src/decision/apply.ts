import { type Applied, decideApply } from '@drover/engine'
import { z } from 'zod'
import { change, commit, type Done } from '../act'
import { acting } from '../schema/acting'
import { decisionId } from '../schema/id'
import { operator } from '../trpc'

const input = z.object({
  decisionId,
  /** Positions of the moves to make; left out: all of it. */
  moves: z
    .array(z.int('must be a position of a move.').min(0, 'is less than 0. Give 0 or more.'))
    .max(1_000, 'are more than 1,000. Leave them out for all.')
    .optional(),
  ...acting,
})

/** Carries a recommendation out, or some of its moves, step by step; each is asked again of the live world. */
export const apply = operator.input(input).mutation(async ({ ctx, input }): Promise<Done & Applied> => {
  const { decisionId, moves, reason, dryRun } = input
  const asked = { decisionId, moves: moves ?? null }
  if (dryRun) {
    const done = await change(ctx, input, (world, decide) => decideApply(world, asked, decide))
    return { ...done, taskIds: [] }
  }
  const applied = await commit(ctx, (world, decide) => decideApply(world, asked, decide), reason)
  return { done: true, ...applied }
})
