import type { DeviceMode } from '../fence/device'
import type { Random } from '../random/random'

/** What goes wrong with hosts as a whole, with what they share and with what is to prove their death. */
export type HaFault =
  | { kind: 'host hangs'; host: string; forMs: number }
  /** From every control daemon, from every other host, or from everybody; both ways. */
  | { kind: 'host is cut off'; host: string; from: 'control' | 'hosts' | 'everybody'; forMs: number }
  /** A daemon reaches nobody: no agent, no device, no reference. */
  | { kind: 'control is cut off'; daemon: string; forMs: number }
  | { kind: 'device is cut off'; device: string; forMs: number }
  | { kind: 'device fails'; device: string; mode: DeviceMode; answerMs: number; forMs: number }
  | {
      kind: 'storage is gone'
      /** Null: from everybody. */
      host: string | null
      datastore: string
      how: 'failing' | 'hanging'
      forMs: number
    }
  /** Nothing is left of it for the others to see: no line, no storage. */
  | { kind: 'host is lost'; host: string; forMs: number }
  /** A switch dies: control reaches none of its references, and the host that hangs on it has lost everything. */
  | { kind: 'switch dies'; host: string; forMs: number }
  | {
      kind: 'several hosts'
      hosts: string[]
      what: 'power' | 'hang' | 'cut off'
      apartMs: number
      forMs: number
    }
  /** By hand, for an update, or because its machine is shut down; `silent`: nothing else on it answers others. */
  | {
      kind: 'agent is stopped'
      host: string
      silent: boolean
      afterwards: 'starts' | 'machine goes down' | 'dies'
      forMs: number
    }
  | { kind: 'vm crashes'; vm: string }
  | { kind: 'host clock jumps'; host: string; byMs: number }

export const haFaultWeights: Record<HaFault['kind'], number> = {
  'host hangs': 9,
  'host is cut off': 9,
  'control is cut off': 4,
  'device is cut off': 4,
  'device fails': 9,
  'storage is gone': 6,
  'host is lost': 6,
  'switch dies': 3,
  'several hosts': 4,
  'agent is stopped': 8,
  'vm crashes': 6,
  'host clock jumps': 3,
}

export interface Victims {
  host: string
  daemon: string
  vm: string
  hosts: string[]
  devices: string[]
  datastores: string[]
  forMs: number
}

export function drawHaFault(random: Random, kind: HaFault['kind'], at: Victims): HaFault {
  const { host, hosts, daemon, devices, datastores, vm, forMs } = at
  // Long enough for everything to come of it, up to a lease that ends, or too short for anything.
  const longMs = random.chance(0.7) ? random.between(12_000, 90_000) : forMs
  switch (kind) {
    case 'host hangs':
      return { kind, host, forMs: longMs }
    case 'host is cut off':
      return {
        kind,
        host,
        from: random.pick(['control', 'control', 'hosts', 'everybody'] as const),
        forMs: longMs,
      }
    case 'control is cut off':
      return { kind, daemon, forMs }
    case 'device is cut off':
      if (devices.length === 0) return { kind: 'host hangs', host, forMs }
      return { kind, device: random.pick(devices), forMs: longMs }
    case 'device fails':
      if (devices.length === 0) return { kind: 'host hangs', host, forMs: longMs }
      return {
        kind,
        device: random.pick(devices),
        mode: random.pick(['broken', 'refusing', 'lying', 'lying', 'late', 'sound'] as const),
        answerMs: random.chance(0.4) ? random.between(500, 6_000) : 200,
        forMs: random.between(20_000, 120_000),
      }
    case 'storage is gone':
      return {
        kind,
        host: random.chance(0.7) ? host : null,
        datastore: random.pick(datastores),
        how: random.pick(['failing', 'hanging'] as const),
        forMs: longMs,
      }
    case 'switch dies':
    case 'host is lost':
      return { kind, host, forMs: longMs }
    case 'several hosts': {
      const count = random.between(2, hosts.length)
      const first = random.between(0, hosts.length - 1)
      return {
        kind,
        hosts: [...hosts.slice(first), ...hosts.slice(0, first)].slice(0, count),
        what: random.pick(['power', 'hang', 'cut off'] as const),
        apartMs: random.chance(0.4) ? 0 : random.between(100, 20_000),
        forMs: longMs,
      }
    }
    case 'agent is stopped':
      return {
        kind,
        host,
        silent: random.chance(0.5),
        afterwards: random.pick(['starts', 'starts', 'machine goes down', 'dies'] as const),
        forMs: random.chance(0.3) ? random.between(500, 5_000) : random.between(12_000, 150_000),
      }
    case 'vm crashes':
      return { kind, vm }
    case 'host clock jumps':
      return { kind, host, byMs: random.between(-40_000, 40_000) }
  }
}
