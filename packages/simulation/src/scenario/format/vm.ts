import { z } from 'zod'

const id = z.string().min(1)
export const desiredSchema = z.enum(['running', 'stopped', 'disabled', 'unmanaged'])
export const powerSchema = z.enum(['on', 'off'])

const failsSchema = z.object({
  /** -1: always. */
  times: z.number().int(),
  hosts: z.array(id).optional(),
  rearm_after_success: z.boolean().default(false),
})

/** What is said of a VM beside its name, whether it is there from the beginning or is made later. */
export const vmFields = {
  host: id,
  desired: desiredSchema.default('running'),
  cpu: z.number().nonnegative().default(1),
  mem_mib: z.number().positive().default(1024),
  load: z.object({ cpu: z.number().nonnegative(), mem_mib: z.number().nonnegative() }).optional(),
  live_migratable: z.boolean().default(true),
  failback: z.boolean().default(false),
  retry: z
    .object({ local: z.number().int().nonnegative(), relocate: z.number().int().nonnegative() })
    .default({ local: 1, relocate: 2 }),
  /** Higher ones start first. */
  priority: z.number().optional(),
  evacuate: z.enum(['move', 'stop']).default('move'),
  faults: z
    .object({
      start_fails: failsSchema.optional(),
      migrate_fails: failsSchema.optional(),
      stop_fails: failsSchema.optional(),
    })
    .default({}),
}

export type Fails = z.infer<typeof failsSchema>
