import * as engine from '@drover/engine'
import {
  type Context,
  type Decide,
  type Decision,
  decideEnterMaintenance,
  decideEvacuate,
  decideExitMaintenance,
  refuse,
} from '@drover/engine'
import type { GuestPolicy, HaSettings, Host, HostId, Rule, Vm, VmHa, World } from '@drover/model'
import type { Random } from '../random/random'

/** What an operator asks for of hosts, clusters and rules. */
export type HostRequest =
  | { kind: 'fence' | 'confirm off' | 'power on' | 'evacuate' | 'enter maintenance'; host: string }
  | { kind: 'leave maintenance'; host: string; home: boolean }
  | { kind: 'shut down host'; host: string; reboot: boolean; guests: GuestPolicy }
  | { kind: 'roll'; action: 'reboot' | 'nothing' }
  | { kind: 'set'; ha: Partial<HaSettings> }
  | { kind: 'look after'; vm: string; ha: Partial<VmHa> }
  | { kind: 'want'; vm: string; desired: Vm['desired'] }
  | {
      kind: 'rule'
      name: string
      relation: Rule['relation']
      strict: boolean
      vms: string[]
      hosts: string[]
    }
  | { kind: 'no rule'; name: string }

export const hostRequestWeights: Record<HostRequest['kind'], number> = {
  fence: 3,
  'confirm off': 8,
  'power on': 6,
  evacuate: 2,
  'enter maintenance': 3,
  'leave maintenance': 6,
  'shut down host': 2,
  roll: 1,
  set: 2,
  'look after': 3,
  want: 3,
  rule: 2,
  'no rule': 1,
}

const hostKinds: readonly string[] = [
  'fence',
  'confirm off',
  'power on',
  'evacuate',
  'enter maintenance',
  'leave maintenance',
  'shut down host',
]

/** Whether the request is about a host as a whole. */
export function isOfHost(request: { kind: string }): request is Extract<HostRequest, { host: string }> {
  return hostKinds.includes(request.kind)
}

export function drawHostRequest(
  random: Random,
  kind: HostRequest['kind'],
  { hosts, vms }: { hosts: string[]; vms: string[] },
): HostRequest {
  const host = random.pick(hosts)
  const vm = random.pick(vms)
  switch (kind) {
    case 'leave maintenance':
      return { kind, host, home: random.chance(0.6) }
    case 'shut down host':
      return {
        kind,
        host,
        reboot: random.chance(0.7),
        guests: random.pick(['evacuate', 'failover', 'restartInPlace', 'hold'] as const),
      }
    case 'roll':
      return { kind, action: random.pick(['reboot', 'nothing'] as const) }
    case 'set': {
      const mode = random.weighted({ armed: 5, hold: 2, handsOff: 1 })
      return {
        kind,
        ha: random.chance(0.5)
          ? { mode, modeReason: 'work on the switches' }
          : { startsPerHost: random.between(1, 4), isolatedHost: random.pick(['leave', 'fence'] as const) },
      }
    }
    case 'look after':
      return {
        kind,
        vm,
        ha: {
          restart: random.weighted({ protected: 5, bestEffort: 3, none: 1 }),
          tier: random.pick([1, 2, 3, 4, 5] as const),
        },
      }
    case 'want':
      return { kind, vm, desired: random.chance(0.7) ? 'running' : 'stopped' }
    case 'rule': {
      const relation = random.pick(['apart', 'together', 'on', 'notOn'] as const)
      const between = relation === 'apart' || relation === 'together'
      const others = vms.filter((other) => other !== vm)
      if (between && others.length === 0) return { kind: 'no rule', name: 'none' }
      return {
        kind,
        ...{ name: `drawn-${random.between(1, 1e6)}`, relation, strict: random.chance(0.6) },
        vms: between ? [vm, random.pick(others)] : [vm],
        hosts: between ? [] : hosts.filter(() => random.chance(0.6)),
      }
    }
    case 'no rule':
      return { kind, name: '' }
    default:
      return { kind, host }
  }
}

/** Verbs by name: `decide` of the engine, with whatever input it takes. */
function verb(name: string, input: object): Decide<unknown> {
  const decide = (engine as Record<string, unknown>)[name] as
    | ((world: World, input: object, ctx: Context) => Decision<unknown>)
    | undefined
  return (world, ctx) => (decide ? decide(world, input, ctx) : refuse([{ code: 'not_leading' }]))
}

/** The decision that the API would have the writer make for it. */
export function hostDecision(world: World, request: HostRequest): Decide<unknown> {
  const hostId = 'host' in request ? hostNamed(world, request.host) : 'host-0'
  const vmId =
    'vm' in request
      ? ([...world.tables.vm.values()].find(({ name }) => name === request.vm)?.id ?? 'vm-0')
      : 'vm-0'
  const clusterId = [...world.tables.cluster.keys()][0]!
  switch (request.kind) {
    case 'fence':
      return verb('decideFence', { hostId, confirmName: request.host, reason: null })
    case 'confirm off':
      return verb('decideConfirmOff', { hostId, confirmName: request.host, person: 'anna' })
    case 'power on':
      return verb('decidePowerOn', { hostId })
    case 'evacuate':
      // biome-ignore lint/suspicious/noThenProperty: the verb's own word, and nobody awaits it
      return (now, ctx) => decideEvacuate(now, { hostId, then: 'nothing' }, ctx)
    case 'enter maintenance':
      return (now, ctx) => decideEnterMaintenance(now, { hostId }, ctx)
    case 'leave maintenance':
      return (now, ctx) => decideExitMaintenance(now, { hostId, home: request.home }, ctx)
    case 'shut down host':
      return verb('decideShutdownHost', {
        hostId,
        reboot: request.reboot,
        guests: request.guests,
        confirmName: request.host,
        reason: null,
      })
    case 'roll':
      return verb('decideRoll', { clusterId, action: request.action, reason: null })
    case 'set':
      return verb('decideChangeHa', { clusterId, changes: request.ha, reason: null })
    case 'look after':
      return verb('decideChangeVmHa', { vmId, ha: request.ha })
    case 'want':
      return verb('decideSetDesired', { vmId, desired: request.desired })
    case 'rule':
      return verb('decideCreateRule', ruleInput(world, clusterId, request))
    case 'no rule': {
      const rule = [...world.tables.rule.values()].at(-1)
      return verb('decideDeleteRule', { ruleId: rule?.id ?? 'rule-0' })
    }
  }
}

function ruleInput(world: World, clusterId: string, request: Extract<HostRequest, { kind: 'rule' }>): object {
  const { name, relation, strict, vms, hosts } = request
  const kind = relation === 'on' || relation === 'notOn' ? 'vm-host' : 'vm-vm'
  const vmIds = [...world.tables.vm.values()].filter((vm) => vms.includes(vm.name)).map(({ id }) => id)
  const places = hosts.map((host) => ({ hostId: hostNamed(world, host), priority: 0 }))
  return { clusterId, name, kind, relation, strict, vmIds, hosts: places, enabled: true }
}

function hostNamed(world: World, name: string): HostId {
  return [...world.tables.host.values()].find((host) => host.name === name)?.id ?? 'host-0'
}

/** The same request of the first host, from the named one on, that it makes sense of; else as it was. */
export function fittingHost(world: World, request: Extract<HostRequest, { host: string }>): typeof request {
  const hosts = [...world.tables.host.values()]
  const first = Math.max(
    0,
    hosts.findIndex(({ name }) => name === request.host),
  )
  const suits = (host: Host): boolean => {
    switch (request.kind) {
      case 'confirm off':
        return ['suspect', 'isolated', 'fencing'].includes(host.state)
      case 'power on':
        return host.state === 'fenced'
      case 'leave maintenance':
        return host.mode !== 'normal'
      case 'fence':
        return host.state !== 'fenced'
      default:
        return host.state === 'connected' && host.mode === 'normal'
    }
  }
  const host = [...hosts.slice(first), ...hosts.slice(0, first)].find(suits)
  return host ? { ...request, host: host.name } : request
}
