import { z } from 'zod'

/** Which version was looked at: refused when there is another by now. Left out: whatever there is is changed. */
export const seenVersion = z
  .int('must be the version that was looked at.')
  .min(0, 'is less than 0. Give 0 or more.')
  .optional()

/** What every acting procedure takes: why it is done, for history, and whether only to say what would happen. */
export const acting = {
  reason: z
    .string('must be text. Say why this is done, or leave it out.')
    .trim()
    .max(500, 'has more than 500 characters. Shorten it.')
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'has a character that cannot be shown. Remove it.')
    .optional(),
  dryRun: z.boolean('must be true or false. Leave it out to act.').optional(),
}
