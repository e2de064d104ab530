import type { z } from 'zod'
import { type Scenario, scenarioSchema } from '../format/scenario'

type Given = z.input<typeof scenarioSchema>

/** A scenario of hosts `rack-1`, `rack-2`, … of 16 cores and 64 GiB, each with a fence device that works. */
export function rack(
  hosts: number,
  given: Partial<Given> & { vms?: Given['cluster']['vms']; rules?: Given['cluster']['rules'] },
): Scenario {
  const { vms = [], rules = [], ...rest } = given
  return scenarioSchema.parse({
    format: 'vmha-scenario/1',
    id: 'a scenario of a test',
    cluster: {
      hosts: Array.from({ length: hosts }, (_, i) => ({ id: `rack-${i + 1}` })),
      vms,
      rules,
    },
    end_at: 400,
    ...rest,
  })
}

/** A VM of 2 cores and 4 GiB that runs there. */
export function vm(
  id: string,
  host: string,
  more: Partial<NonNullable<Given['cluster']['vms']>[number]> = {},
) {
  return { id, host, cpu: 2, mem_mib: 4_096, ...more }
}
