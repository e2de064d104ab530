import {
  type Change,
  type ChangeEvent,
  type Host,
  type HostId,
  lookedAfter,
  refOf,
  type Vm,
  type VmId,
  type World,
} from '@drover/model'
import type { Definition, Domain } from '@drover/protocol'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { defineAgain } from '../recover/leftover'
import { type Cause, definitionKept, fromOutside, hardwareOf } from '../vm/rows'
import { openTasks, taskOf, vmsOn } from '../world/find'
import { afterEvents, put } from '../world/rows'
import { type HostAsk, isMoving, judge } from './judge'

/** What an agent said of its VMs; `world.live` holds it already. */
export interface Sightings {
  hostId: HostId
  domains: readonly Domain[]
  /** Uuids that it saw before and does not see any more. */
  removed: readonly string[]
  /** Whether `domains` are all that it sees. */
  full: boolean
}

/**
 * Brings the rows of VMs up to what an agent says: unknown ones are adopted, but for what is left of one that was deleted
 * while the host was away; changes of power, home and hardware become events that say whether a task of ours explains
 * them. Value: what to ask agents for next.
 */
export function decideSightings(
  world: World,
  { hostId, domains, removed, full }: Sightings,
  ctx: Context,
): Decision<HostAsk[]> {
  const host = world.tables.host.get(hostId)
  if (!host) return refuse([{ code: 'not_found', noun: 'host', id: hostId }])
  const change: Change = []
  const asks = new Map<string, HostAsk>()
  const coming = uuidsComing(world)

  for (const domain of domains) {
    const vm = knownVm(world, domain.uuid)
    if (!vm) {
      const deleted = host.leftovers?.some(({ uuid }) => uuid === domain.uuid)
      const explained = domain.state === 'incoming' || coming.has(domain.uuid) || deleted
      if (!explained) change.push(...adopt(world, host, domain, ctx, change))
      if (!explained) addAsk(asks, askDefinition(host, domain.uuid))
      continue
    }
    const settled = vm.hostId === hostId && vm.power === domain.state && !vm.alsoOn?.length
    const { events, asks: more } = settled ? { events: [], asks: [] } : judge(world, vm, hostId, ctx.now)
    for (const ask of more) addAsk(asks, ask)
    const now = afterEvents(events, 'vm', vm.id, vm) as Vm
    if (now.hostId === hostId && !isMoving(taskOf(world, vm.id))) {
      events.push(...hardwareChanged(world, host, now, domain))
      if (world.tables.definition.get(vm.id)?.sha256 !== domain.definitionSha256)
        addAsk(asks, askDefinition(host, domain.uuid))
    }
    change.push(...events)
  }

  const present = new Set(domains.map((domain) => domain.uuid))
  const absent = new Set(removed.filter((uuid) => !present.has(uuid)))
  if (full) for (const vm of vmsOn(world, hostId)) if (!present.has(vm.uuid)) absent.add(vm.uuid)
  for (const uuid of absent) {
    const vm = knownVm(world, uuid)
    if (!vm) continue
    const { events, asks: more } = judge(world, vm, hostId, ctx.now)
    change.push(...events)
    for (const ask of more) addAsk(asks, ask)
  }
  return accept(change, [...asks.values()])
}

/** Keeps the text of a definition that an agent was asked for, as the VM's newest version. */
export function decideDefinition(
  world: World,
  { hostId, uuid, definition }: { hostId: HostId; uuid: string; definition: Definition },
): Decision {
  const vm = knownVm(world, uuid)
  // Asked before it moved: the host that it left has nothing to say about it any more.
  if (!vm || vm.hostId !== hostId) return accept([], null)
  return accept(definitionKept(vm, world.tables.definition.get(vm.id), definition, fromOutside), null)
}

function knownVm(world: World, uuid: string): Vm | undefined {
  const id = world.index.vmByUuid.get(uuid)
  return id && world.tables.vm.get(id)
}

/** VMs that our own creations are about to put into the inventory themselves. */
function uuidsComing(world: World): Set<string> {
  const uuids = openTasks(world).flatMap((task) =>
    task.kind === 'vm.create' ? [(task.params as { uuid: string }).uuid] : [],
  )
  return new Set(uuids)
}

function adopt(world: World, host: Host, domain: Domain, ctx: Context, before: Change): ChangeEvent[] {
  const id: VmId = ctx.ids.next('vm')
  const { strayDisks, ...hardware } = hardwareOf(world, host, domain)
  const power = domain.state === 'incoming' ? 'running' : domain.state
  const vm: Vm = {
    id,
    clusterId: host.clusterId,
    hostId: host.id,
    ...hardware,
    ...(strayDisks.length > 0 ? { strayDisks } : {}),
    uuid: domain.uuid,
    power,
    powerSince: ctx.now,
    powerReason: domain.reason,
    ...lookedAfter(power),
    notes: '',
    tags: [],
    createdAt: ctx.now,
  }
  const { initiator, taskId } = fromOutside
  const body = { kind: 'vm.adopted', vm: refOf(vm), host: refOf(host), power } as const
  const { staleOn, rows } = defineAgain(world, vm, before)
  const row = staleOn.length > 0 ? { ...vm, staleOn } : vm
  return [{ body, initiator, taskId, rows: [put('vm', row), ...rows] }]
}

function hardwareChanged(world: World, host: Host, vm: Vm, domain: Domain): ChangeEvent[] {
  const is = hardwareOf(world, host, domain, vm)
  const was: typeof is = { ...vm, strayDisks: vm.strayDisks ?? [] }
  const known: (keyof typeof is)[] = [...(Object.keys(is) as (keyof typeof is)[]), 'bound']
  const fields = [...new Set(known)].filter(
    (field) => JSON.stringify(is[field]) !== JSON.stringify(was[field]),
  )
  if (fields.length === 0) return []
  const task = taskOf(world, vm.id)
  const ours = task?.kind === 'vm.change' && task.state !== 'queued'
  const cause: Cause = ours ? { initiator: task.initiator, taskId: task.id, outside: false } : fromOutside
  const set = Object.fromEntries(fields.map((field) => [field, is[field]]))
  const row: Vm = { ...vm, ...set }
  const { initiator, taskId, outside } = cause
  const body = { kind: 'vm.changed', vm: refOf(row), fields, outside } as const
  return [{ body, initiator, taskId, rows: [put('vm', row)] }]
}

function askDefinition(host: Host, uuid: string): HostAsk {
  return { hostId: host.id, ask: { what: 'definition', uuid }, delayMs: 0 }
}

function addAsk(asks: Map<string, HostAsk>, ask: HostAsk): void {
  asks.set(JSON.stringify([ask.hostId, ask.ask]), ask)
}
