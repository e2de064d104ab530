import { z } from 'zod'
import type { ApiKey } from '../accounts'
import { granted } from '../refused'
import { opaqueId } from '../schema/user'
import { auditor } from '../trpc'
import { record } from '../user/record'

/** Ends one of one's own keys at once. */
export const revoke = auditor
  .input(z.object({ keyId: opaqueId }))
  .mutation(async ({ ctx, input }): Promise<ApiKey> => {
    const key = granted(await ctx.accounts.revokeKey(ctx.user, input.keyId))
    await record(ctx, { kind: 'key.revoked', user: ctx.user.name, key: key.name })
    return key
  })
