import { z } from 'zod'
import { acting } from './acting'
import { hostId } from './id'

/** Of the plan that was looked at; its moves are made, or the change is told. */
export const fingerprint = z
  .string('must be text. Take it from the plan.')
  .max(500_000, 'is too long. Take it from the plan.')
  .nullable()
  .default(null)

/** VMs that run and cannot go live may be shut down, moved and started again. */
export const cold = z.boolean('must be true or false.').default(false)

/** Begin with what can be moved and wait for the rest, instead of all or nothing. */
export const partial = z.boolean('must be true or false.').default(false)

export const emptying = z.object({ hostId, fingerprint, cold, partial, ...acting })

export const guestPolicy = z.enum(
  ['evacuate', 'failover', 'restartInPlace', 'hold'],
  'must be evacuate, failover, restartInPlace or hold.',
)
