import { z } from 'zod'

const id = z.string().min(1)
/** `end`, or `before-step:3`. */
const at = z.string().regex(/^(end|before-step:\d+)$/)
const about = {
  id: z.string().optional(),
  /** `must`: safety, or the only possible result; `should`: quality; `policy`: counts only where its tag is declared. */
  tier: z.enum(['must', 'should', 'policy']),
  tag: z.string().optional(),
  why: z.string().optional(),
}
const event = z.record(z.string(), z.unknown())

/** What is judged afterwards, by the trace alone. */
export const expectationSchema = z.discriminatedUnion('kind', [
  z.object({
    ...about,
    kind: z.literal('invariant'),
    name: z.enum([
      'single_instance',
      'fence_before_restart',
      'start_on_available_host',
      'stopped_stays_stopped',
      'memory_fits',
    ]),
  }),
  z.object({
    ...about,
    kind: z.literal('vm'),
    at: at.default('end'),
    vm: id,
    running: z.union([z.boolean(), z.literal('any')]),
    host_in: z.array(id).optional(),
  }),
  z.object({
    ...about,
    kind: z.literal('placeable_running'),
    at: at.default('end'),
    except: z.array(id).default([]),
  }),
  z.object({ ...about, kind: z.literal('rules'), at: at.default('end'), rules: z.array(id) }),
  z.object({ ...about, kind: z.literal('untouched'), vm: id }),
  z.object({ ...about, kind: z.literal('no_downtime'), vm: id }),
  z.object({
    ...about,
    kind: z.literal('host'),
    at: at.default('end'),
    host: id,
    maintenance: z.boolean().optional(),
    empty: z.boolean().optional(),
    power: z.enum(['on', 'off']).optional(),
  }),
  z.object({
    ...about,
    kind: z.literal('within'),
    vm: id,
    host: id,
    after_step: z.number().int(),
    limit_s: z.number(),
    ref_s: z.number().nullable().optional(),
  }),
  z.object({ ...about, kind: z.literal('no_kill_on_shutdown'), host: id, step: z.number().int().optional() }),
  z.object({ ...about, kind: z.literal('registered'), at: at.default('end'), vm: id, host_in: z.array(id) }),
  z.object({
    ...about,
    kind: z.literal('reported'),
    at: at.default('end'),
    vm: id,
    status_in: z.array(z.string()),
  }),
  z.object({
    ...about,
    kind: z.literal('imbalance'),
    at: at.default('end'),
    by: z.enum(['size', 'load']),
    limit: z.number(),
    ref: z.number().optional(),
    initial: z.number().optional(),
  }),
  z.object({
    ...about,
    kind: z.literal('moves'),
    at: at.optional(),
    max: z.number().int(),
    ref: z.number().optional(),
  }),
  z.object({
    ...about,
    kind: z.literal('count'),
    vm: id,
    event: z.string(),
    eq: z.number().int().optional(),
    max: z.number().int().optional(),
  }),
  z.object({ ...about, kind: z.literal('start_sequence'), vm: id, hosts: z.array(id) }),
  // biome-ignore lint/suspicious/noThenProperty: the format names it so
  z.object({ ...about, kind: z.literal('order'), first: event, then: event }),
  z.object({ ...about, kind: z.literal('never'), event }),
])

export type Expectation = z.infer<typeof expectationSchema>
export type ExpectationOf<K extends Expectation['kind']> = Extract<Expectation, { kind: K }>
