import type { DeviceDescription } from '../../fence/device'
import type { Scenario } from '../format/scenario'

/** The name of a host's fence device. */
export function deviceOf(host: string): string {
  return `bmc/${host}`
}

/** One BMC for each host, with a supply of its own: it answers although its host has lost power. */
export function devicesOf(scenario: Scenario): DeviceDescription[] {
  return scenario.cluster.hosts.map(({ id, fence }) => ({
    name: deviceOf(id),
    host: id,
    kind: 'bmc',
    level: 1,
    mode: fence.device === 'ok' ? 'sound' : 'broken',
    sharesPower: false,
    offAfterMs: fence.device_s * 1_000,
  }))
}
