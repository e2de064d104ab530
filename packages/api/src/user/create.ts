import { z } from 'zod'
import type { Account } from '../accounts'
import { granted } from '../refused'
import { password, role, userName } from '../schema/user'
import { admin } from '../trpc'
import { record } from './record'

const input = z.object({ name: userName, password, role })

/** Somebody new who may sign in. */
export const create = admin.input(input).mutation(async ({ ctx, input }): Promise<Account> => {
  const account = granted(await ctx.accounts.create(input))
  await record(ctx, { kind: 'user.created', user: account.name, role: account.role })
  return account
})
