import { z } from 'zod'
import type { Account } from '../accounts'
import { granted } from '../refused'
import { opaqueId, role } from '../schema/user'
import { admin } from '../trpc'
import { record } from './record'

const input = z.object({ userId: opaqueId, role })

/** What somebody may do from now on. They have to sign in again. */
export const changeRole = admin.input(input).mutation(async ({ ctx, input }): Promise<Account> => {
  const account = granted(await ctx.accounts.changeRole(input.userId, input.role))
  await record(ctx, { kind: 'user.changed', user: account.name, fields: [`role ${account.role}`] })
  return account
})
