import { publicDecision } from '@drover/control'
import type { LoadDecision } from '@drover/model'
import { z } from 'zod'
import { decisionId } from '../schema/id'
import { auditor } from '../trpc'
import { keptDecision } from './kept'

/** One decision with its reasons, of the past too. */
export const show = auditor
  .input(z.object({ decisionId }))
  .query(
    async ({ ctx, input }): Promise<LoadDecision> =>
      publicDecision(await keptDecision(ctx, input.decisionId)),
  )
