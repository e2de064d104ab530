import type { ApiKey } from '../accounts'
import { auditor } from '../trpc'

/** One's own keys. */
export const list = auditor.query(({ ctx }): Promise<ApiKey[]> => ctx.accounts.listKeys(ctx.user))
