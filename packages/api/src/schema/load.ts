import { mostThresholds } from '@drover/model'
import { z } from 'zod'
import { balanceFields } from './balance'
import { hostId, ruleId } from './id'
import { powerFields, timeWindows } from './power'
import { ruleFields } from './rule'
import { displayName } from './text'

const ms = z.int('must be a whole number of milliseconds.').min(0, 'is less than nothing. Give 0 or more.')
const figure = z.number('must be a number.').positive('is not above 0. Give more.')

const limit = (of: string) =>
  z
    .int(`must be a whole number of ${of}, or null for no limit.`)
    .min(1, 'is less than 1. Give null for no limit.')
    .nullable()
/** How much may be moved by itself within an hour; null: no limit. */
const budget = { movesPerHour: limit('moves'), bytesPerHour: limit('bytes') }

/** A threshold without its cluster. Shares are 0 to 1, rates bytes per second. */
export const thresholdFields = {
  name: displayName,
  metric: z.enum(
    ['cpu', 'memory', 'disk', 'network', 'pressure'],
    'must be cpu, memory, disk, network or pressure.',
  ),
  above: figure,
  forMs: ms,
  until: figure,
  tags: z
    .array(
      z.string('must be a tag.').trim().max(100, 'has more than 100 characters. Choose a shorter tag.'),
      'must be a list of tags.',
    )
    .max(100, 'are more than 100. Name fewer.'),
  hostIds: z
    .array(hostId, 'must be a list of hosts.')
    .max(5_000, 'are more than 5,000. Leave them out for all.'),
  windows: timeWindows,
  cooldownMs: ms,
  /** What is left out stays. */
  budget: z.object(budget).partial(),
  minGain: z
    .number('must be a number from 0 to 1.')
    .min(0, 'is less than 0. Give 0 or more.')
    .max(1, 'is more than 1. Give 0 to 1.'),
  automation: z.enum(['cluster', 'manual', 'full'], 'must be cluster, manual or full.'),
  enabled: z.boolean('must be true or false.'),
}

/** What is left out of a new threshold is as most want it. */
export const newThreshold = {
  ...thresholdFields,
  forMs: thresholdFields.forMs.default(300_000),
  tags: thresholdFields.tags.default([]),
  hostIds: thresholdFields.hostIds.default([]),
  windows: thresholdFields.windows.default([]),
  cooldownMs: thresholdFields.cooldownMs.default(900_000),
  budget: z
    .object({
      movesPerHour: budget.movesPerHour.default(10),
      bytesPerHour: budget.bytesPerHour.default(null),
    })
    .default({ movesPerHour: 10, bytesPerHour: null }),
  minGain: thresholdFields.minGain.default(0.1),
  automation: thresholdFields.automation.default('cluster'),
  enabled: thresholdFields.enabled.default(true),
}

/** Of rules as they are printed: what Drover keeps there for itself. It is taken, and left alone. */
const kept = z.unknown().optional()
const keptOfRows = { clusterId: kept, version: kept, createdAt: kept }

/** No other fields than these: one that is misspelt would leave everything as it is, and nobody would know. */
function only<T extends z.ZodRawShape>(shape: T) {
  return z.strictObject(shape, {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys'
        ? `${String((keys as string[])[0])} is nothing that can be set there. Compare it with what \`drover cluster rules\` prints.`
        : undefined,
  })
}

/** Rules that somebody is writing; what is left out is as it is now. Lists stand for all of their kind. */
export const loadRulesDraft = only({
  balance: only({ ...balanceFields, version: kept, unevenSince: kept })
    .partial()
    .transform(({ version: _, unevenSince: __, ...said }) => said)
    .optional(),
  power: only({ ...powerFields, version: kept, lowSince: kept })
    .partial()
    .transform(({ version: _, lowSince: __, ...said }) => said)
    .optional(),
  admission: kept,
  overcommitMemory: kept,
  thresholds: z
    .array(
      only({
        ...newThreshold,
        ...keptOfRows,
        aboveSince: kept,
        id: z.string('must be an id.').nullable().optional(),
      }),
    )
    .max(mostThresholds, `are more than ${mostThresholds}. Remove some.`)
    .optional(),
  rules: z
    .array(
      only({
        ...ruleFields,
        ...keptOfRows,
        strict: ruleFields.strict.default(true),
        hosts: ruleFields.hosts.default([]),
        enabled: ruleFields.enabled.default(true),
        id: ruleId.nullable().optional(),
      }),
    )
    .max(5_000, 'are more than 5,000. Remove some.')
    .optional(),
})
