import type { Decide } from '@drover/engine'
import {
  type BalanceSettings,
  type ChangeEvent,
  type Cluster,
  defaultBalanceSettings,
  defaultHaSettings,
  defaultPowerSettings,
  defaultVmHa,
  type FenceDevice,
  type HaSettings,
  type Host,
  type PowerSettings,
  type RowWrite,
  type Rule,
  refOf,
  type Vm,
  type VmHa,
  type World,
} from '@drover/model'
import type { DeviceDescription } from '../fence/device'
import { simulatedAgent } from '../fence/fencing'

export interface RuleDescription {
  name: string
  relation: Rule['relation']
  strict: boolean
  vms: string[]
  hosts: string[]
}

/** What operators have set up, besides what there is. */
export interface Site {
  ha: Partial<HaSettings>
  devices: DeviceDescription[]
  /** By host; hosts that are not named do not fence themselves. */
  selfFence: Record<string, { watchdog: boolean }>
  rules: RuleDescription[]
  /** By VM. */
  vms: Record<string, Partial<VmHa>>
  /** From power to a running agent. */
  bootMs: number
  /** Whether open disks are locked; false: the proof alone keeps a VM from running twice. */
  locks: boolean
  /** What is said about load; null: nothing. */
  load: LoadSite | null
}

/** What those VMs are tagged. */
export const taggedAs = 'batch'

/** How a cluster looks after its load by itself. */
export interface LoadSite {
  balance: Partial<BalanceSettings>
  power: Partial<PowerSettings>
  /** Hosts that have come up when they were woken. */
  proven: string[]
  /** VMs that rules about some VMs are about. */
  tagged?: string[]
  /** Guests do next to nothing before they do much: what is expected of them lets hosts sleep. */
  idle: boolean
}

/** Nobody looks after anything: what was there before high availability. */
export const bareSite: Site = {
  ha: { mode: 'handsOff', modeReason: 'not part of this run' },
  devices: [],
  selfFence: {},
  rules: [],
  vms: {},
  bootMs: 0,
  locks: true,
  load: null,
}

type Say = (body: ChangeEvent['body'], ...rows: RowWrite[]) => void

/** Writes the site into the inventory as one change, so that nothing happens in the middle of it. */
export function decideSite(site: Site): Decide {
  return (world, ctx) => {
    const events: ChangeEvent[] = []
    const say: Say = (body, ...rows) => {
      events.push({ body, initiator: ctx.initiator, rows })
    }
    for (const cluster of world.tables.cluster.values()) {
      const { load } = site
      const more = load && {
        balance: { ...defaultBalanceSettings, ...load.balance },
        power: { ...defaultPowerSettings, ...load.power },
      }
      const row: Cluster = { ...cluster, ha: { ...defaultHaSettings, ...site.ha }, ...more }
      say(
        { kind: 'cluster.ha', cluster: refOf(cluster), fields: Object.keys(site.ha) },
        { table: 'cluster', id: row.id, row },
      )
    }
    for (const name of site.load?.proven ?? []) {
      const host = named(world.tables.host, name)
      const row: Host = { ...host, wake: { at: ctx.now, ms: site.bootMs } }
      say(
        { kind: 'host.wake_proven', host: refOf(host), ms: site.bootMs },
        { table: 'host', id: row.id, row },
      )
    }
    for (const is of site.devices) {
      const row = deviceRow(world, is, ctx.ids.next('fence'))
      const host = named(world.tables.host, is.host)
      say(
        { kind: 'fence.created', device: refOf(row), host: refOf(host) },
        { table: 'fence', id: row.id, row },
      )
    }
    for (const vm of world.tables.vm.values()) {
      const ha = site.vms[vm.name] ?? {}
      const tags = site.load?.tagged?.includes(vm.name) ? [taggedAs] : vm.tags
      if (!site.vms[vm.name] && tags === vm.tags) continue
      const row: Vm = { ...vm, tags, ha: { ...defaultVmHa, ...ha } }
      say({ kind: 'vm.ha', vm: refOf(vm), fields: Object.keys(ha) }, { table: 'vm', id: row.id, row })
    }
    for (const is of site.rules) {
      const cluster = [...world.tables.cluster.values()][0]!
      const row = ruleRow(world, is, { id: ctx.ids.next('rule'), cluster, now: ctx.now })
      const text = `${row.name}: ${is.vms.join(', ')} ${row.relation} ${is.hosts.join(', ')}`
      const body = { kind: 'rule.created', rule: refOf(row), cluster: refOf(cluster), text } as const
      say(body, { table: 'rule', id: row.id, row })
    }
    return { ok: true, change: events, value: null }
  }
}

function deviceRow(world: World, is: DeviceDescription, id: FenceDevice['id']): FenceDevice {
  return {
    id,
    hostId: named(world.tables.host, is.host).id,
    name: is.name,
    level: is.level,
    agent: simulatedAgent,
    params: { ip: is.name },
    sealed: { password: 'sealed secret' },
    viaHostId: is.via ? named(world.tables.host, is.via).id : null,
    delayMs: 0,
    retries: 2,
    timeoutMs: 5_000,
    enabled: true,
    lastTest: null,
  }
}

function ruleRow(
  world: World,
  { name, relation, strict, vms, hosts }: RuleDescription,
  { id, cluster, now }: { id: Rule['id']; cluster: Cluster; now: number },
): Rule {
  return {
    id,
    clusterId: cluster.id,
    name,
    kind: relation === 'on' || relation === 'notOn' ? 'vm-host' : 'vm-vm',
    relation,
    strict,
    vmIds: vms.map((vm) => named(world.tables.vm, vm).id),
    hosts: hosts.map((host) => ({ hostId: named<Host>(world.tables.host, host).id, priority: 0 })),
    enabled: true,
    version: 1,
    createdAt: now,
  }
}

function named<T extends { name: string }>(rows: Map<string, T>, name: string): T {
  const row = [...rows.values()].find((one) => one.name === name)
  if (!row) throw new Error(`there is no ${name}`)
  return row
}
