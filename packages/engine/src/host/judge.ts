import {
  type ChangeEvent,
  type Host,
  type HostId,
  isActive,
  isHeld,
  refOf,
  type Sighting,
  type Task,
  type TaskKind,
  type Vm,
  type VmPower,
  type World,
} from '@drover/model'
import { type Ask, isStoppedAlone } from '@drover/protocol'
import { desiredChanged } from '../vm/desired'
import { type Cause, fromOutside, powerChanged } from '../vm/rows'
import { hostOf, hostRef, taskOf, tasksOn } from '../world/find'
import { afterEvents, put } from '../world/rows'

/** A question that the engine wants put to an agent. */
export interface HostAsk {
  hostId: HostId
  ask: Ask
  delayMs: number
}

export interface Judgement {
  events: ChangeEvent[]
  asks: HostAsk[]
}

const nothing: Judgement = { events: [], asks: [] }

/** How long two hosts may both claim a VM before it is an alarm: a switch-over of somebody's migration takes less. */
const overlapMs = 1_000

/** Tasks after which a VM may live elsewhere. */
const moves: ReadonlySet<TaskKind> = new Set(['vm.migrate', 'vm.restart', 'vm.start'])

/** What the VM's own open task is expected to make of its power: such a change is not from outside. */
const expects: Readonly<Record<TaskKind, readonly VmPower[]>> = {
  'vm.create': ['off', 'running'],
  'vm.change': [],
  'vm.delete': ['off'],
  'vm.start': ['running'],
  'vm.shutdown': ['off'],
  'vm.stop': ['off', 'crashed'],
  'vm.reboot': ['running', 'off'],
  'vm.reset': ['running', 'off'],
  'vm.suspend': ['paused'],
  'vm.resume': ['running'],
  'vm.migrate': [],
  'vm.restart': ['running'],
  'host.fence': [],
  'host.clean': [],
  'host.powerOn': [],
  'host.evacuate': [],
  'host.exitMaintenance': [],
  'host.shutdown': [],
  'host.sleep': [],
  'host.wake': [],
  'cluster.roll': [],
}

/**
 * Whether a migration of ours, or a restart elsewhere, has the VM in its hands: where it is and whether it runs is then
 * for its own steps to find out.
 */
export function isMoving(task: Task | undefined): boolean {
  if (!task || task.state === 'queued') return false
  if (task.kind === 'vm.migrate') return true
  if (task.kind !== 'vm.restart') return false
  const { sourceId, targetId } = (task as Task<'vm.restart'>).params
  return sourceId !== targetId
}

/**
 * Where a VM is and whether it runs, from what all agents see, now that the agent of `speaker` has said something of
 * it. The rules:
 * - its home says how it is, as long as nobody else runs it, and only its home can say that it is gone;
 * - its home changes only when another host has it and its own, which can be heard, does not;
 * - two hosts that both run it are asked again; if both insist, that is an alarm, and its home stays;
 * - what a silent host runs is not known, and nothing is concluded from it.
 */
export function judge(world: World, vm: Vm, speaker: HostId, now: number): Judgement {
  const task = taskOf(world, vm.id)
  if (isMoving(task)) return nothing
  const home = hostOf(world, vm.hostId)
  const homeLive = world.live.get(home.id)
  const here = homeLive?.seen.get(vm.uuid)
  const homeSpeaks = home.state === 'connected' && homeLive !== undefined && homeLive.reportedAt !== null
  if (!homeSpeaks) return nothing

  const elsewhere = sightingsElsewhere(world, vm)
  const running = elsewhere.filter(({ sighting }) => isRunning(sighting))
  if (running.length === 0) return atHome(world, vm, home, here, elsewhere, speaker, now, causeOf(task))
  if (here && isRunning(here)) return twice(world, vm, home, here, running)
  const [only, ...more] = running
  if (more.length > 0) return twice(world, vm, home, undefined, running)
  return movedTo(world, vm, only!, 'running', now)
}

interface Elsewhere {
  host: Host
  sighting: Sighting
}

function sightingsElsewhere(world: World, vm: Vm): Elsewhere[] {
  const found: Elsewhere[] = []
  for (const [hostId, live] of world.live) {
    const sighting = live.reportedAt !== null && hostId !== vm.hostId ? live.seen.get(vm.uuid) : undefined
    // A definition left over from before it was started elsewhere says nothing, as long as nothing runs there.
    if (!sighting || (vm.staleOn?.includes(hostId) && !isRunning(sighting))) continue
    const host = world.tables.host.get(hostId)
    if (host?.state === 'connected') found.push({ host, sighting })
  }
  return found
}

/** Nobody else runs it: its home has the word. */
function atHome(
  world: World,
  vm: Vm,
  home: Host,
  here: Sighting | undefined,
  elsewhere: Elsewhere[],
  speaker: HostId,
  now: number,
  explain: (to: VmPower) => Cause,
): Judgement {
  if (here) {
    const power = powerOf(here) ?? vm.power
    const single: Vm = vm.alsoOn?.length ? { ...vm, alsoOn: [] } : vm
    const cleared = single === vm ? [] : [onlyOnceAgain(single)]
    return {
      events: [
        ...cleared,
        ...powerSeen(world, single, home, here, power, causeOfSighting(here, explain), now),
      ],
      asks: [],
    }
  }
  if (taskOf(world, vm.id)?.kind === 'vm.delete') return nothing
  // On its way to somewhere: wait for it to arrive, then it has moved; until then it has not vanished.
  if (elsewhere.some(({ sighting }) => sighting.state === 'incoming' || sighting.moving === 'in'))
    return { events: [], asks: elsewhere.map(({ host }) => askReport(host.id)) }
  const [only, ...more] = elsewhere
  if (only && more.length === 0) return movedTo(world, vm, only, 'off', now)
  // What was seen at its home last may be older than its coming there: its home is asked, not taken at its silence.
  if (speaker !== home.id) return { events: [], asks: [askReport(home.id)] }
  return { events: powerChanged(vm, home, 'missing', null, fromOutside, now), asks: [] }
}

/** More than one host runs it, as far as they have said. A migration that is just switching over looks like this too. */
function twice(
  world: World,
  vm: Vm,
  home: Host,
  here: Sighting | undefined,
  running: Elsewhere[],
): Judgement {
  const hosts = running.map(({ host }) => host.id).sort()
  const all = [...(here ? [here] : []), ...running.map(({ sighting }) => sighting)]
  const since = Math.max(...all.map((sighting) => sighting.sinceAt))
  const confirmed = all.every((sighting) => sighting.moving === null && sighting.seenAt >= since + overlapMs)
  if (!confirmed) {
    const ids = [...(here ? [home.id] : []), ...hosts]
    return { events: [], asks: ids.map(askReport) }
  }
  if (JSON.stringify(vm.alsoOn ?? []) === JSON.stringify(hosts)) return nothing
  const row: Vm = { ...vm, alsoOn: hosts }
  const refs = [...(here ? [refOf(home)] : []), ...hosts.map((id) => hostRef(world, id))]
  const { initiator, taskId } = fromOutside
  return {
    events: [
      { body: { kind: 'vm.twice', vm: refOf(vm), hosts: refs }, initiator, taskId, rows: [put('vm', row)] },
    ],
    asks: [],
  }
}

/** `unclear`: its power while what is seen of it does not say. */
function movedTo(
  world: World,
  vm: Vm,
  { host: target, sighting }: Elsewhere,
  unclear: VmPower,
  now: number,
): Judgement {
  const source = hostRef(world, vm.hostId)
  const power = powerOf(sighting) ?? unclear
  const cause = bringerOf(world, vm, target)
  const { initiator, taskId, outside } = cause
  const staleOn = vm.staleOn?.filter((id) => id !== target.id)
  const row: Vm = {
    ...vm,
    hostId: target.id,
    clusterId: target.clusterId,
    homeId: null,
    alsoOn: [],
    ...(staleOn ? { staleOn } : {}),
  }
  const moved: ChangeEvent = {
    body: { kind: 'vm.moved', vm: refOf(vm), source, target: refOf(target), outside },
    initiator,
    taskId,
    rows: [put('vm', row)],
  }
  const events = [moved, ...powerChanged(row, target, power, null, cause, now)]
  const after = afterEvents(events, 'vm', vm.id, row)!
  const lost = !outside && wasLost(world, target, sighting)
  if (power === 'running' && outside) events.push(...desiredChanged(after, 'running', cause))
  else if (power === 'off' && isActive(vm) && !lost)
    events.push(...desiredChanged(after, 'stopped', fromOutside))
  return { events, asks: [{ ...askReport(target.id), delayMs: 0 }] }
}

/**
 * Who brought a VM to a host that we did not know it on: a migration of ours that somebody no longer waited for and that
 * went on by itself, as long as nothing of ours has moved the VM since; else it was not us.
 */
function bringerOf(world: World, vm: Vm, target: Host): Cause {
  let last: Task | null = null
  for (const task of world.tables.task.values())
    if (task.vmId === vm.id && moves.has(task.kind) && task.createdAt >= (last?.createdAt ?? 0)) last = task
  if (last?.kind !== 'vm.migrate' || last.outcome?.code !== 'given_up') return fromOutside
  const { sourceId, targetId } = (last as Task<'vm.migrate'>).params
  const itWas = sourceId === vm.hostId && targetId === target.id
  return itWas ? { initiator: last.initiator, taskId: last.id, outside: false } : fromOutside
}

/**
 * The power that its home says it has. What nothing of ours explains is somebody's wish at the hypervisor, or the
 * guest's own: then it should be so from now on. Not so a crash, nor what went off while its host could not be heard (it
 * was lost, or stopped because its host was alone), nor what goes off because its host is being shut down.
 */
function powerSeen(
  world: World,
  vm: Vm,
  home: Host,
  here: Sighting,
  power: VmPower,
  cause: Cause,
  now: number,
): ChangeEvent[] {
  const events = powerChanged(vm, home, power, here.reason, cause, now)
  if (events.length === 0 || !cause.outside) return events
  const row = afterEvents(events, 'vm', vm.id, vm)!
  if (power === 'running') return [...events, ...desiredChanged(row, 'running', cause)]
  const wished = power === 'off' && isActive(vm) && !wasLost(world, home, here)
  return wished ? [...events, ...desiredChanged(row, 'stopped', cause)] : events
}

/** What its own agent stopped because its host was alone, Drover stopped. */
function causeOfSighting(here: Sighting, explain: (to: VmPower) => Cause): Cause {
  const power = powerOf(here)
  if (power === 'off' && isStoppedAlone(here.reason))
    return { ...fromOutside, initiator: { kind: 'drover' }, outside: false }
  return explain(power ?? 'running')
}

function wasLost(world: World, home: Host, here: Sighting): boolean {
  if (here.sinceAt <= home.stateSince || isStoppedAlone(here.reason) || isHeld(home)) return true
  return tasksOn(world, home.id).some((task) => task.kind === 'host.shutdown' && task.host?.id === home.id)
}

function onlyOnceAgain(row: Vm): ChangeEvent {
  const { initiator, taskId } = fromOutside
  const body = { kind: 'vm.changed', vm: refOf(row), fields: ['copies running'], outside: true } as const
  return { body, initiator, taskId, rows: [put('vm', row)] }
}

function causeOf(task: Task | undefined): (to: VmPower) => Cause {
  return (to) =>
    task && task.state !== 'queued' && expects[task.kind].includes(to)
      ? { initiator: task.initiator, taskId: task.id, outside: false }
      : fromOutside
}

function askReport(hostId: HostId): HostAsk {
  return { hostId, ask: { what: 'report' }, delayMs: overlapMs }
}

function isRunning(sighting: Sighting): boolean {
  return sighting.state === 'running' || sighting.state === 'paused'
}

/** The power that a sighting stands for; null for the target side of a migration, which says nothing of it. */
function powerOf(sighting: Sighting): VmPower | null {
  return sighting.state === 'incoming' ? null : sighting.state
}
