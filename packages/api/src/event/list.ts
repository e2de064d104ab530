import type { Event } from '@drover/model'
import { z } from 'zod'
import { at, pageSize } from '../schema/quantity'
import { auditor } from '../trpc'

const words = z.array(z.string('must be text.').max(100), 'must be a list.').max(200)
const seq = z.int('must be the number of an event.').min(0, 'must be the number of an event.')

const input = z
  .object({
    /** Ids of objects: everything about any of them. */
    subjects: words.optional(),
    kinds: words.optional(),
    /** Name of a person, or part of it. */
    initiator: z.string('must be text.').max(100).optional(),
    severities: z.array(z.enum(['info', 'warning', 'error'], 'must be info, warning or error.')).optional(),
    text: z.string('must be text.').max(200).optional(),
    fromAt: at.optional(),
    toAt: at.optional(),
    afterSeq: seq.optional(),
    beforeSeq: seq.optional(),
    ascending: z.boolean('must be true or false.').optional(),
    limit: pageSize.default(100),
  })
  .default({ limit: 100 })

export interface EventPage {
  events: Event[]
  /** Ask again with it for the older ones; null when these were the last. */
  nextBeforeSeq: number | null
}

/** History with filters, newest first unless `ascending`. */
export const list = auditor.input(input).query(async ({ ctx, input }): Promise<EventPage> => {
  const events = await ctx.control.events(input)
  const more = !input.ascending && events.length === input.limit
  return { events, nextBeforeSeq: more ? (events.at(-1)?.seq ?? null) : null }
})
