import { z } from 'zod'
import { hostId } from './id'

const ms = z.int('must be a whole number of milliseconds.').min(0, 'is less than nothing. Give 0 or more.')
const share = z.number('must be a number.').min(0, 'is less than 0. Give 0 or more.')
const watts = z.number('must be a number of watts.').min(0, 'is less than nothing. Give 0 or more.')

export const powerModel = z.object({ idleWatts: watts, maxWatts: watts, asleepWatts: watts })

const window = z.object({
  days: z
    .array(z.int('must be a day from 0 (Sunday) to 6.'), 'must be a list of days.')
    .max(7, 'names more days than there are. Name each once.'),
  from: z.string('must be a time of day like 22:00.').max(50, 'is no time of day. Give it as 22:00.'),
  to: z.string('must be a time of day like 06:00.').max(50, 'is no time of day. Give it as 06:00.'),
  timeZone: z
    .string('must be a time zone like Europe/Berlin.')
    .max(100, 'is no time zone. Give one like Europe/Berlin.'),
})

export const timeWindows = z
  .array(window, 'must be a list of times.')
  .max(50, 'are more than 50. Name fewer.')

/** `PowerSettings` of the model. */
export const powerFields = {
  mode: z.enum(['off', 'manual', 'full'], 'must be off, manual or full.'),
  hostIds: z
    .array(hostId, 'must be a list of hosts, or null for all.')
    .max(5_000, 'are more than 5,000. Give null for all.')
    .nullable(),
  windows: timeWindows,
  minAwake: z.int('must be a whole number.').min(1, 'is less than 1. Give 1 or more.'),
  reserve: share,
  fillTo: share,
  wakeAbove: share,
  holdMs: ms,
  dwellMs: ms,
  wakeAheadMs: ms,
  model: powerModel.partial(),
}

/** What is left out stays. The engine says which values may be. */
export const powerChanges = z
  .object(powerFields)
  .partial()
  .refine(
    (changes) => Object.values(changes).some((value) => value !== undefined),
    'names nothing to change. Name a setting.',
  )
