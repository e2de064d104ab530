import type { LabHost } from '../types'
import type { Operator } from './operator'

/**
 * A host's BMC as a fence device: program and parameters. Cipher suite 3, else ten seconds go by with a question that the
 * simulator does not answer; no wait after the order, because the state is asked for anyway.
 */
export function fenceDeviceOf({ bmc }: LabHost): { agent: string; params: Record<string, string> } {
  return {
    agent: 'fence_ipmilan',
    params: {
      ip: bmc.address,
      ipport: String(bmc.port),
      username: bmc.user,
      password: bmc.password,
      lanplus: '1',
      cipher: '3',
      power_wait: '0',
    },
  }
}

/** Starts the host's BMC and enters it as an admin would. `timeoutMs`: how long it gets for an answer. */
export async function addBmc(operator: Operator, host: LabHost, timeoutMs = 10_000): Promise<void> {
  await host.bmc.start()
  const { id } = await operator.host(host.name)
  const device = { hostId: id, name: `bmc of ${host.name}`, timeoutMs, ...fenceDeviceOf(host) }
  await operator.api.mutate('fence.create', device)
}
