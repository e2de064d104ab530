import { z } from 'zod'
import type { Account } from '../accounts'
import { granted } from '../refused'
import { opaqueId, password } from '../schema/user'
import { admin } from '../trpc'
import { record } from './record'

const input = z.object({ userId: opaqueId, password })

/** A new password for somebody who has lost theirs. Where they are signed in, that ends. */
export const resetPassword = admin.input(input).mutation(async ({ ctx, input }): Promise<Account> => {
  const account = granted(await ctx.accounts.resetPassword(input.userId, input.password))
  await record(ctx, { kind: 'user.changed', user: account.name, fields: ['password'] })
  return account
})
