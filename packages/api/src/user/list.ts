import type { Account } from '../accounts'
import { admin } from '../trpc'

/** Everybody who may sign in, by name. */
export const list = admin.query(({ ctx }): Promise<Account[]> => ctx.accounts.list())
