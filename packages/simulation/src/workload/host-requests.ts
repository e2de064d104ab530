import {
  type Decide,
  decideChangeHa,
  decideChangeVmHa,
  decideConfirmOff,
  decideCreateRule,
  decideDeleteRule,
  decideEnterMaintenance,
  decideEvacuate,
  decideExitMaintenance,
  decideFence,
  decidePowerOn,
  decideRoll,
  decideSetDesired,
  decideShutdownHost,
  decideSleep,
  decideWake,
} from '@drover/engine'
import type {
  ClusterId,
  GuestPolicy,
  HaSettings,
  Host,
  HostId,
  Rule,
  RuleInput,
  Vm,
  VmHa,
  VmId,
  World,
} from '@drover/model'
import type { Random } from '../random/random'

/** What an operator asks for of hosts, clusters and rules. */
export type HostRequest =
  | { kind: 'fence' | 'confirm off' | 'power on'; host: string }
  | { kind: 'evacuate' | 'enter maintenance'; host: string; partial: boolean }
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
  | { kind: 'put to sleep'; host: string; test: boolean; evenIfNeeded: boolean }
  | { kind: 'wake'; host: string }

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
  // Drawn where clusters save power.
  'put to sleep': 0,
  wake: 0,
}

const guestPolicies = ['evacuate', 'failover', 'restartInPlace', 'hold'] as const

const hostKinds: readonly string[] = [
  'fence',
  'confirm off',
  'power on',
  'evacuate',
  'enter maintenance',
  'leave maintenance',
  'shut down host',
  'put to sleep',
  'wake',
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
    case 'evacuate':
    case 'enter maintenance':
      return { kind, host, partial: random.chance(0.5) }
    case 'leave maintenance':
      return { kind, host, home: random.chance(0.6) }
    case 'shut down host':
      return { kind, host, reboot: random.chance(0.7), guests: random.pick(guestPolicies) }
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
    case 'put to sleep':
      return { kind, host, test: random.chance(0.6), evenIfNeeded: random.chance(0.2) }
    default:
      return { kind, host }
  }
}

/** The decision that the API would have the writer make for it. */
export function hostDecision(request: HostRequest): Decide<unknown> {
  return (world, ctx) => {
    const hostId = 'host' in request ? hostNamed(world, request.host) : 'host-0'
    const vmId = 'vm' in request ? vmIdOf(world, request.vm) : 'vm-0'
    const clusterId = [...world.tables.cluster.values()][0]!.id
    switch (request.kind) {
      case 'fence':
        return decideFence(world, { hostId, confirmName: request.host }, ctx)
      case 'confirm off':
        return decideConfirmOff(world, { hostId, confirmName: request.host, person: 'anna' }, ctx)
      case 'power on':
        return decidePowerOn(world, { hostId }, ctx)
      case 'evacuate':
        // biome-ignore lint/suspicious/noThenProperty: the verb's own word, and nobody awaits it
        return decideEvacuate(world, { hostId, then: 'nothing', partial: request.partial }, ctx)
      case 'enter maintenance':
        return decideEnterMaintenance(world, { hostId, partial: request.partial }, ctx)
      case 'leave maintenance':
        return decideExitMaintenance(world, { hostId, home: request.home }, ctx)
      case 'shut down host': {
        const { reboot, guests } = request
        return decideShutdownHost(world, { hostId, reboot, guests, confirmName: request.host }, ctx)
      }
      case 'roll':
        return decideRoll(world, { clusterId, action: request.action }, ctx)
      case 'set':
        return decideChangeHa(world, { clusterId, changes: request.ha }, ctx)
      case 'look after':
        return decideChangeVmHa(world, { vmId, ha: request.ha }, ctx)
      case 'want':
        return decideSetDesired(world, { vmId, desired: request.desired }, ctx)
      case 'rule':
        return decideCreateRule(world, ruleInput(world, clusterId, request), ctx)
      case 'put to sleep': {
        const { test, evenIfNeeded } = request
        const why = test ? 'to see whether it wakes up' : 'nobody needs it tonight'
        const input = { hostId, why, decisionId: null, until: null, byHand: true, evenIfNeeded, test }
        return decideSleep(world, input, ctx)
      }
      case 'wake':
        return decideWake(world, { hostId, why: 'it is needed', decisionId: null }, ctx)
      case 'no rule':
        return decideDeleteRule(world, { ruleId: [...world.tables.rule.keys()].at(-1) ?? 'rule-0' }, ctx)
    }
  }
}

function vmIdOf(world: World, name: string): VmId {
  return [...world.tables.vm.values()].find((vm) => vm.name === name)?.id ?? 'vm-0'
}

function ruleInput(
  world: World,
  clusterId: ClusterId,
  request: Extract<HostRequest, { kind: 'rule' }>,
): RuleInput {
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
        return ['suspect', 'unwatched', 'isolated', 'fencing'].includes(host.state)
      case 'power on':
        return host.state === 'fenced'
      case 'leave maintenance':
        return host.mode === 'entering' || host.mode === 'maintenance'
      case 'wake':
        return host.mode === 'standby'
      case 'fence':
        return host.state !== 'fenced'
      default:
        return host.state === 'connected' && host.mode === 'normal'
    }
  }
  const host = [...hosts.slice(first), ...hosts.slice(0, first)].find(suits)
  return host ? { ...request, host: host.name } : request
}
