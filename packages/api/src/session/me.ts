import type { User } from '@drover/model'
import { auditor } from '../trpc'

/** Who is asking. */
export const me = auditor.query(({ ctx }): User => ctx.user)
