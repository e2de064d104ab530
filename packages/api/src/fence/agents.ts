import { auditor } from '../trpc'

/** The fence programs that are installed where control runs. */
export const agents = auditor.query(({ ctx }): Promise<string[]> => ctx.control.fences.agents())
