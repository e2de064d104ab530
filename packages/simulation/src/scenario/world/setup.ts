import type { Decide } from '@drover/engine'
import {
  type BalanceSettings,
  type ChangeEvent,
  type Cluster,
  defaultBalanceSettings,
  defaultHaSettings,
  type FenceDevice,
  type Host,
  type HostId,
  type RowWrite,
  type Rule,
  refOf,
  type Vm,
  type VmHa,
  type World,
} from '@drover/model'
import { simulatedAgent } from '../../fence/fencing'
import type { Scenario, ScenarioRule, ScenarioVm } from '../format/scenario'
import { deviceOf } from './devices'

/**
 * What operators have set up before the scenario begins: settings of the cluster, fence devices, rules, how each VM is
 * looked after. One change, so that nothing happens in the middle of it.
 */
export function decideSetUp(scenario: Scenario): Decide {
  return (world, ctx) => {
    const events: ChangeEvent[] = []
    const say = (body: ChangeEvent['body'], ...rows: RowWrite[]): void => {
      events.push({ body, initiator: ctx.initiator, rows })
    }
    const cluster = [...world.tables.cluster.values()][0]!
    // Nothing is to happen before the scenario begins.
    const balance = balanceOf(scenario)
    const set: Cluster = {
      ...cluster,
      ha: { ...settingsOf(scenario), mode: 'hold' },
      ...(balance ? { balance } : {}),
    }
    say({ kind: 'cluster.ha', cluster: refOf(cluster), fields: ['ha'] }, row('cluster', set))
    for (const { id, fence } of scenario.cluster.hosts) {
      const host = hostNamed(world, id)!
      const device = fenceOf(ctx.ids.next('fence'), host, fence.device_s)
      say({ kind: 'fence.created', device: refOf(device), host: refOf(host) }, row('fence', device))
      if (scenario.inject?.hosts[id]?.status !== 'maintenance') continue
      const inService: Host = { ...host, mode: 'maintenance', modeReason: 'from the beginning' }
      say({ kind: 'host.mode', host: refOf(host), mode: 'maintenance' }, row('host', inService))
    }
    const tiers = tiersOf(scenario)
    for (const one of scenario.cluster.vms) {
      const vm = vmNamed(world, one.id)!
      say(
        { kind: 'vm.ha', vm: refOf(vm), fields: ['ha'] },
        row('vm', { ...vm, ha: lookAfter(vm, one, tiers) }),
      )
    }
    for (const one of scenario.cluster.rules) {
      const rule = ruleOf(world, one, { id: ctx.ids.next('rule'), cluster, now: ctx.now })
      const text = `${rule.name}: ${rule.vmIds.length} VMs ${rule.relation}`
      say({ kind: 'rule.created', rule: refOf(rule), cluster: refOf(cluster), text }, row('rule', rule))
    }
    return { ok: true, change: events, value: null }
  }
}

/** What is asked for at the moment at which the scenario begins: from here on VMs that are off and should run start. */
export function decideBegin(scenario: Scenario): Decide {
  return (world, ctx) => {
    const cluster = [...world.tables.cluster.values()][0]!
    const armed: Cluster = { ...cluster, ha: { ...cluster.ha, mode: 'armed' } }
    const body = { kind: 'cluster.ha', cluster: refOf(cluster), fields: ['mode'] } as const
    const events: ChangeEvent[] = [{ body, initiator: ctx.initiator, rows: [row('cluster', armed)] }]
    for (const one of scenario.cluster.vms) {
      const vm = vmNamed(world, one.id)!
      const { change, error } = first(scenario, one, vm, ctx.now)
      if (error || change.desired !== vm.desired) {
        const { desired } = change
        const body = { kind: 'vm.desired', vm: refOf(vm), desired } as const
        events.push({ body, initiator: ctx.initiator, rows: [row('vm', change)] })
      }
    }
    return { ok: true, change: events, value: null }
  }
}

function first(scenario: Scenario, one: ScenarioVm, vm: Vm, now: number): { change: Vm; error: boolean } {
  const wanted = one.desired === 'unmanaged' ? vm.desired : one.desired === 'running' ? 'running' : 'stopped'
  const error = scenario.inject?.vms[one.id]?.status === 'error'
  const recovery: Vm['recovery'] = error
    ? {
        state: 'error',
        cause: 'wanted',
        since: now,
        incidentId: null,
        from: { id: vm.hostId, name: one.host },
        tried: [],
        notBefore: null,
        why: [{ code: 'start_limit', vm: refOf(vm), times: 1, last: 'it was so from the beginning' }],
      }
    : vm.recovery
  return { change: { ...vm, desired: wanted, recovery }, error }
}

function settingsOf(scenario: Scenario): Cluster['ha'] {
  const leases = scenario.cluster.hosts.flatMap(({ fence }) => fence.self_s ?? [])
  return {
    ...defaultHaSettings,
    // What is cut off from control is to be brought to an end, and its VMs go on elsewhere.
    isolatedHost: 'fence',
    ...(leases.length > 0 ? { leaseMs: Math.max(...leases) * 1_000 } : {}),
    // Timelines lose the same host again and again; that it is not trusted for an hour would hide what else happens.
    flap: { ...defaultHaSettings.flap, times: 100 },
    // Placement is what is shown here; keeping room for later is a question of its own.
    admission: { ...defaultHaSettings.admission, action: 'off' },
    placement: {
      overcommitMemory: scenario.settings.allow_memory_overcommit,
      onStart: scenario.settings.place_on_start ? 'best' : 'home',
    },
  }
}

/** Without a balancer nothing may ever be moved for its load. With one, as evenly as is worth a move. */
function balanceOf({ settings }: Scenario): BalanceSettings | null {
  const { balancer } = settings
  if (!balancer || balancer.enabled === false) return null
  const holdMs = balancer.hold_s * 1_000
  return {
    ...defaultBalanceSettings,
    mode: 'full',
    by: balancer.by,
    spread: 0.02,
    minGain: 0.007,
    holdMs,
    cooldownMs: 5 * holdMs,
  }
}

function fenceOf(id: FenceDevice['id'], host: Host, offAfterS: number): FenceDevice {
  return {
    id,
    hostId: host.id,
    name: deviceOf(host.name),
    level: 1,
    agent: simulatedAgent,
    params: { ip: deviceOf(host.name) },
    sealed: {},
    viaHostId: null,
    delayMs: 0,
    retries: 1,
    timeoutMs: 10_000 + offAfterS * 1_000,
    enabled: true,
    lastTest: null,
  }
}

export type LookedAfter = Pick<ScenarioVm, 'id' | 'desired' | 'failback' | 'retry' | 'evacuate' | 'priority'>
export type Tiers = ReadonlyMap<string, VmHa['tier']>

/** How the scenario wants a VM to be looked after. */
export function lookAfter(vm: Pick<Vm, 'ha'>, one: LookedAfter, tiers: Tiers): VmHa {
  return {
    ...vm.ha,
    restart: one.desired === 'unmanaged' ? 'none' : 'protected',
    tier: tiers.get(one.id) ?? vm.ha.tier,
    retries: { sameHost: one.retry.local, otherHosts: one.retry.relocate },
    failback: one.failback,
    evacuate: one.evacuate,
  }
}

/** Higher priorities are earlier tiers. There are five; where there are more priorities, neighbours share one. */
export function tiersOf({ cluster, timeline }: Scenario): Tiers {
  const later = timeline.flatMap((step) => step.do.filter((op) => op.op === 'vm.register'))
  const vms = [...cluster.vms, ...later.map((op) => ({ ...op, id: op.vm }))]
  const priorities = [...new Set(vms.flatMap(({ priority }) => priority ?? []))].sort((a, b) => b - a)
  const tiers = new Map<string, VmHa['tier']>()
  for (const { id, priority } of vms) {
    if (priority === undefined) continue
    const place = priorities.indexOf(priority)
    const tier = priorities.length <= 5 ? place + 1 : 1 + Math.floor((place * 5) / priorities.length)
    tiers.set(id, tier as VmHa['tier'])
  }
  return tiers
}

function ruleOf(
  world: World,
  one: ScenarioRule,
  { id, cluster, now }: { id: Rule['id']; cluster: Cluster; now: number },
): Rule {
  return {
    id,
    clusterId: cluster.id,
    name: one.id,
    kind: one.kind,
    relation: one.kind === 'vm-host' ? 'on' : one.relation,
    strict: one.strict,
    // Some may be made later.
    vmIds: one.vms.flatMap((name) => vmNamed(world, name)?.id ?? []),
    hosts:
      one.kind === 'vm-host'
        ? one.hosts.map((host) => ({ hostId: hostNamed(world, host.id)!.id, priority: host.priority }))
        : [],
    enabled: true,
    version: 1,
    createdAt: now,
  }
}

export function vmNamed(world: Pick<World, 'tables'>, name: string): Vm | undefined {
  return [...world.tables.vm.values()].find((vm) => vm.name === name)
}

export function hostNamed(world: Pick<World, 'tables'>, name: string): Host | undefined {
  return [...world.tables.host.values()].find((host) => host.name === name)
}

export function hostIdOf(world: Pick<World, 'tables'>, name: string): HostId {
  return hostNamed(world, name)?.id ?? 'host-0'
}

function row(
  table: 'cluster' | 'host' | 'fence' | 'vm' | 'rule',
  of: Cluster | Host | FenceDevice | Vm | Rule,
): RowWrite {
  return { table, id: of.id, row: of } as RowWrite
}
