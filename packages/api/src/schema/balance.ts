import { z } from 'zod'
import { timeWindows } from './power'

const ms = z.int('must be a whole number of milliseconds.').min(0, 'is less than nothing. Give 0 or more.')
const share = z
  .number('must be a number from 0 to 1.')
  .min(0, 'is less than 0. Give 0 to 1.')
  .max(1, 'is more than 1. Give 0 to 1.')
const weight = z.number('must be a number.').min(0, 'is less than 0. Give 0 or more.')

/** `BalanceSettings` of the model. */
export const balanceFields = {
  /** It brings its figures; one that is set beside it, or later, makes the settings nobody's level. */
  level: z.literal([1, 2, 3, 4, 5], 'must be a level from 1 (conservative) to 5 (aggressive).').nullable(),
  mode: z.enum(['off', 'manual', 'partial', 'full'], 'must be off, manual, partial or full.'),
  by: z.enum(['actual-load', 'configured-size'], 'must be actual-load or configured-size.'),
  aim: z.enum(['spread', 'overload'], 'must be spread or overload.'),
  spread: share,
  limit: share,
  weights: z.object({ cpu: weight, memory: weight }).partial(),
  minGain: share,
  minShare: share,
  worthwhile: share,
  holdMs: ms,
  cooldownMs: ms,
  movesAtOnce: z.int('must be a whole number.').min(1, 'is less than 1. Give 1 or more.'),
  budget: z
    .object({
      movesPerHour: z
        .int('must be a whole number of moves, or null.')
        .min(1, 'is less than 1. Give 1 or more.')
        .nullable(),
      bytesPerHour: z
        .int('must be a whole number of bytes, or null.')
        .min(1, 'is less than 1. Give 1 or more.')
        .nullable(),
    })
    .partial(),
  windows: timeWindows,
}

/** What is left out stays. The engine says which values may be. */
export const balanceChanges = z
  .object(balanceFields)
  .partial()
  .refine(
    (changes) => Object.values(changes).some((value) => value !== undefined),
    'names nothing to change. Name a setting.',
  )
