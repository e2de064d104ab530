import type { Health } from '@drover/model'
import type { About } from '../context'
import { auditor } from '../trpc'

export interface SystemAbout extends Pick<About, 'version' | 'database' | 'startedAt' | 'demo'>, Health {
  daemon: string
}

/** Which daemon answers, since when, and how it is. */
export const about = auditor.query(({ ctx }): SystemAbout => {
  const { version, database, startedAt, demo, daemon } = ctx.about
  return { version, database, startedAt, demo, daemon, ...ctx.control.health() }
})
