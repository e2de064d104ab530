import { z } from 'zod'
import { granted } from '../refused'
import { password } from '../schema/user'
import { auditor } from '../trpc'
import { record } from './record'

const input = z.object({ current: z.string('is missing.').max(200), next: password })

/** One's own password. Every session of one's own ends, this one too. */
export const changePassword = auditor
  .input(input)
  .mutation(async ({ ctx, input }): Promise<{ done: boolean }> => {
    granted(await ctx.accounts.changePassword(ctx.user, input.current, input.next))
    await record(ctx, { kind: 'user.changed', user: ctx.user.name, fields: ['password'] })
    return { done: true }
  })
