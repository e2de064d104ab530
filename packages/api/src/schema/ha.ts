import { z } from 'zod'

const ms = z.int('must be a whole number of milliseconds.').min(0, 'is less than nothing. Give 0 or more.')
const count = z.int('must be a whole number.').min(0, 'is less than nothing. Give 0 or more.')
const share = z
  .number('must be a number from 0 to 1.')
  .min(0, 'is less than 0. Give 0 to 1.')
  .max(1, 'is more than 1. Give 0 to 1.')
const isolation = z.enum(['leave', 'shutdown', 'powerOff'], 'must be leave, shutdown or powerOff.')

/** `VmHa` of the model; what is left out stays. The engine says which values may be. */
export const vmHa = z
  .object({
    restart: z.enum(['protected', 'bestEffort', 'none'], 'must be protected, bestEffort or none.'),
    tier: z.union(
      [z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)],
      'is no tier. Give 1, which starts first, to 5.',
    ),
    readyMs: ms,
    isolation: isolation.nullable(),
    retries: z.object({ sameHost: count, otherHosts: count }),
    failback: z.boolean('must be true or false.'),
    evacuate: z.enum(['move', 'stop'], 'must be move or stop.'),
  })
  .partial()
  .refine(
    (ha) => Object.values(ha).some((value) => value !== undefined),
    'names nothing to change. Name a setting.',
  )

/** `HaSettings` of the model, groups in parts; what is left out stays. */
export const haChanges = z
  .object({
    mode: z.enum(['armed', 'hold', 'handsOff'], 'must be armed, hold or handsOff.'),
    modeReason: z.string('must be text.').max(500, 'has more than 500 characters. Shorten it.').nullable(),
    suspectMs: ms,
    decideMs: ms,
    isolatedHost: z.enum(['leave', 'fence'], 'must be leave or fence.'),
    isolationResponse: isolation,
    leaseMs: ms,
    selfFenceProof: z.enum(['watchdog', 'agent'], 'must be watchdog or agent.'),
    storm: z.object({ hosts: count, share }).partial(),
    referenceAddresses: z
      .array(z.string('must be text, such as 10.0.0.1:443.'))
      .max(16, 'has more than 16. Name fewer.'),
    fenceQuietMs: ms,
    flap: z.object({ times: count, windowMs: ms, quarantineMs: ms }).partial(),
    startsPerHost: count,
    tierTimeoutMs: ms,
    admission: z
      .object({
        by: z.enum(['hosts', 'share'], 'must be hosts or share.'),
        hostFailures: count,
        reservedShare: share,
        action: z.enum(['refuse', 'warn', 'off'], 'must be refuse, warn or off.'),
      })
      .partial(),
    placement: z
      .object({
        overcommitMemory: z.boolean('must be true or false.'),
        onStart: z.enum(['home', 'best'], 'must be home or best.'),
      })
      .partial(),
  })
  .partial()
  .refine(
    (ha) => Object.values(ha).some((value) => value !== undefined),
    'names nothing to change. Name a setting.',
  )
