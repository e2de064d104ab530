import { z } from 'zod'
import { desiredSchema, powerSchema, vmFields } from './vm'

const id = z.string().min(1)
const host = { host: id }
const vm = { vm: id }

/** What a step of the timeline does: a fault of the world, or something that an operator asks for. */
export const opSchema = z.discriminatedUnion('op', [
  z.object({ op: z.literal('host.crash'), ...host }),
  z.object({ op: z.literal('host.isolate'), ...host }),
  z.object({ op: z.literal('host.heal'), ...host }),
  z.object({ op: z.literal('host.recover'), ...host }),
  z.object({ op: z.literal('host.confirm_off'), ...host }),
  z.object({
    op: z.literal('host.shutdown'),
    ...host,
    reboot: z.boolean().default(false),
    guests: z.enum(['evacuate', 'failover', 'restart-in-place', 'hold']).default('evacuate'),
  }),
  z.object({ op: z.literal('host.enter_maintenance'), ...host }),
  z.object({ op: z.literal('host.exit_maintenance'), ...host }),
  z.object({ op: z.literal('agent.restart'), ...host }),
  z.object({ op: z.literal('agent.crash'), ...host }),
  z.object({ op: z.literal('agent.recover'), ...host }),
  z.object({ op: z.literal('manager.stop'), host: id.optional() }),
  z.object({ op: z.literal('manager.start'), host: id.optional() }),
  z.object({ op: z.literal('manager.crash'), host: id.optional(), for_s: z.number().positive() }),
  z.object({ op: z.literal('store.fail'), host: id.optional(), what: z.string().optional() }),
  z.object({ op: z.literal('store.heal'), host: id.optional(), what: z.string().optional() }),
  z.object({ op: z.literal('storage.isolate'), ...host }),
  z.object({ op: z.literal('storage.heal'), ...host }),
  z.object({ op: z.literal('fence.break'), ...host }),
  z.object({ op: z.literal('fence.repair'), ...host }),
  z.object({ op: z.literal('vm.set_desired'), ...vm, desired: desiredSchema }),
  z.object({ op: z.literal('vm.migrate'), ...vm, to: id, mode: z.enum(['live', 'cold']).default('live') }),
  z.object({ op: z.literal('vm.stop'), ...vm, timeout_s: z.number().nonnegative().nullable().default(null) }),
  z.object({
    op: z.literal('vm.register'),
    ...vm,
    ...vmFields,
    power: powerSchema.default('off'),
  }),
  z.object({ op: z.literal('vm.unregister'), ...vm }),
  z.object({ op: z.literal('vm.lock'), ...vm, dies_with_host: z.boolean().default(false) }),
  z.object({ op: z.literal('vm.unlock'), ...vm }),
  z.object({ op: z.literal('vm.moved_out_of_band'), ...vm, to: id }),
  z.object({ op: z.literal('vm.crash'), ...vm }),
  z.object({
    op: z.literal('vm.resize'),
    ...vm,
    cpu: z.number().nonnegative().optional(),
    mem_mib: z.number().positive().optional(),
  }),
  z.object({
    op: z.literal('vm.load'),
    ...vm,
    cpu: z.number().nonnegative().optional(),
    mem_mib: z.number().nonnegative().optional(),
  }),
  z.object({ op: z.literal('ha.disable'), mode: z.enum(['hold', 'hands-off']).default('hold') }),
  z.object({ op: z.literal('ha.enable') }),
])

export type Op = z.infer<typeof opSchema>
export type OpOf<K extends Op['op']> = Extract<Op, { op: K }>
