import { z } from 'zod'
import type { Account } from '../accounts'
import { granted } from '../refused'
import { opaqueId } from '../schema/user'
import { admin } from '../trpc'
import { record } from './record'

/** Somebody may no longer sign in; their keys end with them. History keeps their name. */
export const remove = admin
  .input(z.object({ userId: opaqueId }))
  .mutation(async ({ ctx, input }): Promise<Account> => {
    const account = granted(await ctx.accounts.remove(input.userId))
    await record(ctx, { kind: 'user.removed', user: account.name })
    return account
  })
