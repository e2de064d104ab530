import type { LabHost } from '../types'

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
