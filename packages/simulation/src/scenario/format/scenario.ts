import { z } from 'zod'
import { expectationSchema } from './expect'
import { opSchema } from './op'
import { powerSchema, vmFields } from './vm'

const id = z.string().min(1)

const hostSchema = z.object({
  id: id.regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'a host name: letters, digits, dots, dashes and underscores'),
  cpu: z.number().positive().default(16),
  mem_mib: z.number().positive().default(65_536),
  power: powerSchema.default('on'),
  net: z.enum(['up', 'down']).default('up'),
  fence: z
    .object({
      device: z.enum(['ok', 'broken']).default('ok'),
      /** From the order to the confirmed power-off. */
      device_s: z.number().nonnegative().default(5),
      /** Without contact for so long the host is dead for certain; null: it never is. */
      self_s: z.number().positive().nullable().default(null),
    })
    .default({ device: 'ok', device_s: 5, self_s: null }),
})

const vmSchema = z.object({ id, ...vmFields, power: powerSchema.default('on') })

const ruleSchema = z.discriminatedUnion('kind', [
  z.object({
    id,
    kind: z.literal('vm-host'),
    strict: z.boolean().default(true),
    vms: z.array(id),
    hosts: z.array(z.object({ id, priority: z.number().default(0) })),
  }),
  z.object({
    id,
    kind: z.literal('vm-vm'),
    relation: z.enum(['together', 'apart']),
    strict: z.boolean().default(true),
    vms: z.array(id),
  }),
])

const stepSchema = z.object({
  step: z.number().int(),
  at: z.number().nonnegative(),
  wait: z.enum(['settled', 'time']).default('settled'),
  do: z.array(opSchema),
})

/** A timeline: a cluster, what happens to it, and what is expected of whoever runs it. */
export const scenarioSchema = z.object({
  format: z.literal('vmha-scenario/1'),
  id,
  class: z.string().default(''),
  title: z.string().default(''),
  requires: z.array(z.string()).default([]),
  cluster: z.object({
    hosts: z.array(hostSchema).min(1),
    vms: z.array(vmSchema).default([]),
    rules: z.array(ruleSchema).default([]),
  }),
  settings: z
    .object({
      place_on_start: z.boolean().default(false),
      balancer: z
        .object({
          enabled: z.boolean().default(true),
          by: z.enum(['actual-load', 'configured-size']).default('actual-load'),
          /** Loads have to be uneven for so long before anything moves. */
          hold_s: z.number().positive().default(60),
        })
        .nullable()
        .default(null),
      allow_memory_overcommit: z.boolean().default(true),
    })
    .default({ place_on_start: false, balancer: null, allow_memory_overcommit: true }),
  start: z.enum(['warm', 'cold']).default('warm'),
  inject: z
    .object({
      vms: z
        .record(z.string(), z.object({ status: z.string(), host: id.optional(), target: id.optional() }))
        .default({}),
      hosts: z.record(z.string(), z.object({ status: z.string() })).default({}),
    })
    .optional(),
  timeline: z.array(stepSchema).default([]),
  end_at: z.number().nonnegative(),
  expect: z.array(expectationSchema).default([]),
})

export type Scenario = z.infer<typeof scenarioSchema>
export type ScenarioHost = z.infer<typeof hostSchema>
export type ScenarioVm = z.infer<typeof vmSchema>
export type ScenarioRule = z.infer<typeof ruleSchema>
export type ScenarioStep = z.infer<typeof stepSchema>
