import { z } from 'zod'
import { hostId } from './id'
import { displayName } from './text'

export const agentName = z
  .string('must be text. Choose a fence program.')
  .regex(/^[a-z0-9_]{3,60}$/, 'is no fence program. Choose one such as fence_ipmilan.')

const whole = (most: number, what: string) =>
  z
    .int('must be a whole number.')
    .min(0, 'is negative. Give 0 or more.')
    .max(most, `is more than ${what}. Give less.`)

/** By the names of the program's own metadata; secrets among them are sealed before they are kept. */
const params = z.record(
  z.string().max(100),
  z.string('must be text.').max(4000, 'has more than 4,000 characters. Shorten it.'),
)

/** What a person says of a fence device. */
export const fenceFields = {
  name: displayName,
  level: z
    .int('must be a whole number.')
    .min(1, 'is less than 1. Give 1, which is tried first, to 9.')
    .max(9, 'is more than 9. Give 1, which is tried first, to 9.'),
  agent: agentName,
  params,
  viaHostId: hostId.nullable(),
  delayMs: whole(120_000, 'two minutes'),
  retries: whole(10, '10'),
  timeoutMs: z
    .int('must be a whole number of milliseconds.')
    .min(1_000, 'is less than a second. Allow more time.')
    .max(300_000, 'is more than five minutes. Allow less.'),
  enabled: z.boolean('must be true or false.'),
}
