import type { HistoryCheck } from '@drover/control'
import { auditor } from '../trpc'

/** Recomputes the hash chain over the whole history: says whether a line is missing or was changed. */
export const verify = auditor.query(({ ctx }): Promise<HistoryCheck> => ctx.control.verifyHistory())
