import type { DatacenterDescription } from '@drover/hypervisor/simulated'
import { Random } from '../random/random'
import type { LoadSite } from '../world/site'
import { drawRequest } from './draw'
import { drawHaFault, type HaFault, haFaultWeights } from './faults'
import { drawLoads, drawSleep, drawThresholds, type LoadAction } from './load'
import type { Request } from './requests'

/** Something that somebody or something does to the installation. */
export type Action =
  /** `fitting`: of another VM if this one is not in a state for it. */
  | { kind: 'ask'; request: Request; fitting: boolean }
  /** Somebody at the hypervisor, past Drover. */
  | { kind: 'outside'; what: 'start' | 'stop' | 'suspend' | 'resume'; vm: string }
  | { kind: 'kill control'; forMs: number }
  | { kind: 'kill agent'; host: string; forMs: number }
  | { kind: 'control stalls'; daemon: string; forMs: number }
  | { kind: 'agent stalls'; host: string; forMs: number }
  | { kind: 'power loss'; host: string; forMs: number }
  | { kind: 'cut'; from: string; to: string; forMs: number }
  | { kind: 'slow wire'; station: string; extraMs: number; forMs: number }
  | { kind: 'store away'; forMs: number }
  | { kind: 'store out of reach'; daemon: string; forMs: number }
  | {
      kind: 'operation fails'
      host: string
      operation: 'define' | 'start' | 'migrate' | 'clone' | 'send'
      atFraction: number
    }
  | { kind: 'migration link down'; host: string; forMs: number }
  | { kind: 'slow host'; host: string; factor: number; forMs: number }
  | { kind: 'clock jumps'; daemon: string; byMs: number }
  | LoadAction
  | HaFault

export interface Planned {
  /** From the start of the run. */
  atMs: number
  action: Action
}

export interface PlanOptions {
  minutes: number
  /** Of one request, on average. */
  everyMs: number
  /** Of one fault, on average. */
  faultEveryMs: number
}

export const defaultPlan: PlanOptions = { minutes: 3, everyMs: 2_500, faultEveryMs: 7_000 }

/** So little is asked for and goes wrong that rules about load, which wait for calm, come to act. */
export const calmPlan = { everyMs: 30_000, faultEveryMs: 90_000 } as const

/** What is going to be done to the installation, drawn from the seed beforehand, so that parts of it can be left out. */
export function drawPlan(
  seed: number,
  description: DatacenterDescription,
  { daemons, devices, load = null }: { daemons: string[]; devices: string[]; load?: LoadSite | null },
  options: PlanOptions = defaultPlan,
): Planned[] {
  const random = new Random(seed ^ 0x5eed)
  const hosts = description.hosts.map((host) => host.name)
  const vms = description.vms.map((vm) => vm.name)
  const datastores = description.datastores.map(({ name }) => name)
  const plan: Planned[] = []
  const endMs = options.minutes * 60_000
  const spread = (everyMs: number, draw: () => Action): void => {
    for (let atMs = 0; ; ) {
      atMs += random.between(everyMs / 10, everyMs * 2)
      if (atMs >= endMs) return
      plan.push({ atMs, action: draw() })
    }
  }
  let created = 0
  spread(options.everyMs, () => {
    const request = drawRequest(random, vms, hosts, () => `new-${++created}`)
    if (request.kind === 'create') vms.push(request.vm)
    return { kind: 'ask', request, fitting: random.chance(0.8) }
  })
  spread(options.faultEveryMs, () => drawFault(random, { vms, hosts, daemons, devices, datastores }))
  if (load) plan.push(...drawLoads(new Random(seed ^ 0x10ad5), vms, endMs, load.idle))
  if (load) plan.push(...drawSleep(new Random(seed ^ 0x10ad6), hosts, endMs))
  if (load) plan.push(...drawThresholds(new Random(seed ^ 0x10ad7), hosts, vms, endMs))
  return plan.sort((a, b) => a.atMs - b.atMs)
}

const faultWeights = {
  outside: 14,
  'kill control': 16,
  'kill agent': 18,
  'control stalls': 8,
  'agent stalls': 5,
  'power loss': 8,
  cut: 14,
  'slow wire': 6,
  'store away': 10,
  'store out of reach': 5,
  'operation fails': 14,
  'migration link down': 6,
  'slow host': 4,
  'clock jumps': 3,
  ...haFaultWeights,
}

function drawFault(
  random: Random,
  {
    vms,
    hosts,
    daemons,
    devices,
    datastores,
  }: Record<'vms' | 'hosts' | 'daemons' | 'devices' | 'datastores', string[]>,
): Action {
  const kind = random.weighted(faultWeights)
  const host = random.pick(hosts)
  const daemon = random.pick(daemons)
  const forMs = random.chance(0.6) ? random.between(500, 8_000) : random.between(8_000, 40_000)
  switch (kind) {
    case 'outside':
      return {
        kind,
        what: random.pick(['start', 'stop', 'suspend', 'resume'] as const),
        vm: random.pick(vms),
      }
    case 'kill control':
      return { kind, forMs: Math.max(1_000, forMs) }
    case 'kill agent':
      return { kind, host, forMs: Math.max(1_000, forMs) }
    case 'control stalls':
      return { kind, daemon, forMs }
    case 'agent stalls':
      return { kind, host, forMs }
    case 'power loss':
      return { kind, host, forMs: Math.max(15_000, forMs) }
    case 'cut': {
      const ends: [string, string] = random.chance(0.5) ? [host, daemon] : [daemon, host]
      const everybody = random.chance(0.3)
      return { kind, from: everybody && ends[0] === daemon ? '*' : ends[0], to: ends[1], forMs }
    }
    case 'slow wire':
      return { kind, station: random.chance(0.5) ? host : daemon, extraMs: random.between(50, 1_500), forMs }
    case 'store away':
      return { kind, forMs }
    case 'store out of reach':
      return { kind, daemon, forMs }
    case 'operation fails':
      return {
        kind,
        host,
        operation: random.pick(['define', 'start', 'migrate', 'clone', 'send'] as const),
        atFraction: random.between(0, 9) / 10,
      }
    case 'migration link down':
      return { kind, host, forMs }
    case 'slow host':
      return { kind, host, factor: random.between(2, 8), forMs }
    case 'clock jumps':
      return { kind, daemon, byMs: random.between(-20_000, 20_000) }
    default:
      return drawHaFault(random, kind, {
        host,
        daemon,
        vm: random.pick(vms),
        hosts,
        devices,
        datastores,
        forMs,
      })
  }
}

/** A line for a person. */
export function sayPlanned({ atMs, action }: Planned): string {
  const { kind, ...rest } = action
  return `${(atMs / 1000).toFixed(3).padStart(9)} ${kind} ${JSON.stringify(rest)}`
}
