import { z } from 'zod'
import { clusterId, hostId, vmId } from './id'
import { displayName } from './text'

/** A rule without its cluster. */
export const ruleFields = {
  name: displayName,
  kind: z.enum(['vm-vm', 'vm-host'], 'must be vm-vm or vm-host.'),
  relation: z.enum(['together', 'apart', 'on', 'notOn'], 'must be together, apart, on or notOn.'),
  strict: z.boolean('must be true (must) or false (should).'),
  vmIds: z.array(vmId, 'must be a list of VMs.').max(1_000, 'are more than 1,000. Make several rules.'),
  hosts: z
    .array(z.object({ hostId, priority: z.int('must be a whole number.') }), 'must be a list of hosts.')
    .max(1_000, 'are more than 1,000. Make several rules.'),
  enabled: z.boolean('must be true or false.'),
}

/** A whole rule. */
export const ruleInput = z.object({
  clusterId,
  ...ruleFields,
  strict: ruleFields.strict.default(true),
  hosts: ruleFields.hosts.default([]),
  enabled: ruleFields.enabled.default(true),
})

/** What may be changed of one; what is left out stays. */
export const ruleChanges = z.object(ruleFields).partial()
