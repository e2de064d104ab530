import { publicDecision } from '@drover/control'
import type { LoadDecision } from '@drover/model'
import { z } from 'zod'
import { found } from '../found'
import { decisionId } from '../schema/id'
import { auditor } from '../trpc'

/** One decision with its reasons. */
export const show = auditor
  .input(z.object({ decisionId }))
  .query(
    ({ ctx, input }): LoadDecision =>
      publicDecision(
        found(ctx.control.world.tables.decision.get(input.decisionId), 'decision', input.decisionId),
      ),
  )
