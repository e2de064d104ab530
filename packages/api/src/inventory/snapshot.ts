import type { Snapshot } from '@drover/model'
import { auditor } from '../trpc'

/** All that browsers hold a copy of, as of one event; patches of the live line continue from there. */
export const snapshot = auditor.query(({ ctx }): Snapshot => ctx.control.snapshot())
