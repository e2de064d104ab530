import { z } from 'zod'

const id = z.string().min(1)
const vmSchema = z.object({
  id,
  mem_mib: z.number().positive(),
  cpu: z.number().nonnegative().optional(),
  protected: z.boolean().default(true),
})
const about = {
  id: z.string().optional(),
  tier: z.enum(['must', 'should', 'policy']),
  tag: z.string().optional(),
  why: z.string().optional(),
}

const expectationSchema = z.discriminatedUnion('kind', [
  z.object({
    ...about,
    kind: z.literal('verdict'),
    tolerates: z.boolean().optional(),
    admit: z.boolean().optional(),
    complete: z.boolean().optional(),
    hosts: z.array(id).optional(),
    /** Not judged. */
    hosts_that_cannot_fail: z.array(id).optional(),
  }),
  z.object({ ...about, kind: z.literal('memory_fits') }),
  z.object({ ...about, kind: z.literal('apart_uses_two_hosts'), rules: z.array(id) }),
  z.object({ ...about, kind: z.literal('spread'), sum_of_max_minus_min: z.number() }),
])

const common = {
  format: z.literal('vmha-plan/1'),
  id,
  title: z.string().default(''),
  cluster: z.object({
    hosts: z
      .array(
        z.object({
          id,
          mem_mib: z.number().positive(),
          cpu: z.number().nonnegative().optional(),
          power: z.enum(['on', 'off']).default('on'),
        }),
      )
      .min(1),
    vms: z.array(vmSchema.extend({ host: id })).default([]),
    rules: z
      .array(
        z.object({
          id,
          kind: z.enum(['vm-vm', 'vm-host']),
          relation: z.enum(['together', 'apart']).optional(),
          strict: z.boolean().default(true),
          vms: z.array(id),
          hosts: z.array(z.object({ id, priority: z.number().default(0) })).optional(),
        }),
      )
      .default([]),
  }),
  expect: z.array(expectationSchema).default([]),
}

/** One state of a cluster, and one question about it; there is no time in it. */
export const questionSchema = z.discriminatedUnion('kind', [
  z.object({
    ...common,
    kind: z.literal('tolerate'),
    ask: z.object({ host_failures: z.number().int().nonnegative() }),
  }),
  z.object({
    ...common,
    kind: z.literal('admit'),
    ask: z.object({ vm: vmSchema, host_failures: z.number().int().nonnegative() }),
  }),
  z.object({ ...common, kind: z.literal('evacuate'), ask: z.object({ host: id }) }),
])

export type Question = z.infer<typeof questionSchema>
export type QuestionExpectation = z.infer<typeof expectationSchema>
