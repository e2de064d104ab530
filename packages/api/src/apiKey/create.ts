import { z } from 'zod'
import type { ApiKey } from '../accounts'
import { granted } from '../refused'
import { displayName } from '../schema/text'
import { auditor } from '../trpc'
import { record } from '../user/record'

const DAY_MS = 24 * 3_600_000

const input = z.object({
  name: displayName,
  expiresInMs: z
    .int('must be a whole number of milliseconds.')
    .min(DAY_MS, 'is less than a day. Allow more time.')
    .max(3_650 * DAY_MS, 'is more than ten years. Allow less time.')
    .nullable()
    .default(null),
})

/** A key for a program that acts as oneself. The secret is shown once. */
export const create = auditor
  .input(input)
  .mutation(async ({ ctx, input }): Promise<ApiKey & { secret: string }> => {
    const key = granted(await ctx.accounts.createKey(ctx.user, input))
    await record(ctx, { kind: 'key.created', user: ctx.user.name, key: key.name })
    return key
  })
