import { z } from 'zod'

/** An id of one kind of object, such as `vm-17`; anything else is turned down with the way to a right one. */
function idOf<P extends string>(prefix: P, noun: string) {
  const pattern = new RegExp(`^${prefix}-\\d{1,12}$`)
  return z.custom<`${P}-${number}`>(
    (value) => typeof value === 'string' && pattern.test(value),
    `must be the id of ${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}, such as ${prefix}-1. Take it from the list of ${noun}s.`,
  )
}

export const datacenterId = idOf('datacenter', 'datacenter')
export const clusterId = idOf('cluster', 'cluster')
export const hostId = idOf('host', 'host')
export const vmId = idOf('vm', 'VM')
export const datastoreId = idOf('datastore', 'datastore')
export const networkId = idOf('network', 'network')
export const taskId = idOf('task', 'task')
export const ruleId = idOf('rule', 'rule')
export const fenceId = idOf('fence', 'fence device')
export const incidentId = idOf('incident', 'incident')
export const alarmId = idOf('alarm', 'alarm')
export const thresholdId = idOf('threshold', 'threshold')
export const decisionId = idOf('decision', 'recommendation')
