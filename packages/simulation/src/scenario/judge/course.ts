import type { OpOf } from '../format/op'
import type { Scenario } from '../format/scenario'
import type { Trace, TraceEvent } from '../trace/trace'
import { applyEvent, applyOp, copyOf, firstState, type State, vmsAt } from './replay'

export type Invariant =
  | 'single_instance'
  | 'fence_before_restart'
  | 'start_on_available_host'
  | 'stopped_stays_stopped'
  | 'memory_fits'

/** What a trace comes to, from beginning to end: all that expectations ask of it. */
export interface Course {
  scenario: Scenario
  events: readonly TraceEvent[]
  /** `end` and `before-step:N`. */
  cuts: Map<string, State>
  /** When each step was applied. */
  stepAt: Map<number, number>
  breaches: Record<Invariant, string[]>
  /** By VM: what happened to it that was not somebody else's doing. */
  touched: Map<string, string[]>
  /** Of those, what stopped it or started it. */
  downtime: Map<string, string[]>
  /** Hosts that were to be emptied first and took VMs down with them. */
  kills: { host: string; text: string }[]
}

/** Goes through a trace once. */
export function courseOf(scenario: Scenario, { events }: Trace): Course {
  const course: Course = {
    scenario,
    events,
    cuts: new Map(),
    stepAt: new Map(),
    breaches: {
      single_instance: [],
      fence_before_restart: [],
      start_on_available_host: [],
      stopped_stays_stopped: [],
      memory_fits: [],
    },
    touched: new Map(),
    downtime: new Map(),
    kills: [],
  }
  const walk: Walk = { course, state: firstState(scenario), vanished: new Map(), leaving: new Map() }
  for (const event of events) {
    if (event.ev === 'step') beginStep(walk, event.step, event.t)
    else pass(walk, event)
  }
  course.cuts.set('end', walk.state)
  return course
}

interface Walk {
  course: Course
  state: State
  /** The VMs that were on a host when it vanished without an order, until they run again. */
  vanished: Map<string, Set<string>>
  /** Hosts that were told to go down. */
  leaving: Map<string, OpOf<'host.shutdown'>>
}

function beginStep({ course, state, vanished, leaving }: Walk, step: number, t: number): void {
  course.cuts.set(`before-step:${step}`, copyOf(state))
  course.stepAt.set(step, t)
  const { do: ops } = course.scenario.timeline.find((one) => one.step === step)!
  for (const op of ops) {
    applyOp(state, op)
    if (op.op === 'agent.recover') vanished.delete(op.host)
    if (op.op === 'host.shutdown') leaving.set(op.host, op)
    if (op.op === 'host.crash' || op.op === 'host.isolate' || op.op === 'agent.crash')
      vanished.set(op.host, new Set(vmsAt(state, op.host)))
  }
}

function pass(walk: Walk, event: TraceEvent): void {
  const { course, state, vanished, leaving } = walk
  checkStart(walk, event)
  checkLeaving(walk, event)
  applyEvent(state, event)
  checkMemory(walk, event)
  if (event.ev === 'host_up') {
    leaving.delete(event.host)
    vanished.delete(event.host)
  }
  if (!('vm' in event)) return
  const places = state.places.get(event.vm) ?? new Set()
  if (places.size > 1) breach(course, 'single_instance', event, [...places].sort().join(', '))
  note(course, event)
  if (event.ev === 'vm_started' || event.ev === 'vm_migrated')
    for (const those of vanished.values()) those.delete(event.vm)
}

function checkStart({ course, state, vanished, leaving }: Walk, event: TraceEvent): void {
  if (event.ev !== 'vm_start' && event.ev !== 'vm_started') return
  const { vm, host } = event
  if (state.desired.get(vm) !== 'running' && !event.external)
    breach(course, 'stopped_stays_stopped', event, `${vm} on ${host}`)
  if (event.ev === 'vm_started') return
  const there = state.on.get(host) && state.linked.get(host) && !state.maintenance.get(host)
  if (!there || leaving.has(host)) breach(course, 'start_on_available_host', event, `${vm} on ${host}`)
  for (const [lost, vms] of vanished)
    if (vms.has(vm) && lost !== host && !state.fenced.get(lost))
      breach(course, 'fence_before_restart', event, `${vm} of ${lost} on ${host}`)
}

function checkLeaving({ course, state, leaving }: Walk, event: TraceEvent): void {
  if (event.ev !== 'host_down' && event.ev !== 'vm_died') return
  const { host } = event
  if (leaving.get(host)?.guests !== 'evacuate') return
  if (event.ev === 'vm_died') course.kills.push({ host, text: `${event.vm} at ${event.t} s` })
  const vms = vmsAt(state, host)
  if (event.ev === 'host_down' && event.why === 'shutdown' && vms.length > 0)
    course.kills.push({ host, text: `${vms.join(', ')} at ${event.t} s` })
}

function checkMemory({ course, state }: Walk, event: TraceEvent): void {
  if (course.scenario.settings.allow_memory_overcommit) return
  if (event.ev !== 'vm_started' && event.ev !== 'vm_migrated') return
  const host = event.ev === 'vm_migrated' ? event.to : event.host
  const used = vmsAt(state, host).reduce((sum, vm) => sum + state.size.get(vm)!.mem_mib, 0)
  const has = course.scenario.cluster.hosts.find(({ id }) => id === host)!.mem_mib
  if (used > has) breach(course, 'memory_fits', event, `${used} MiB on ${host}`)
}

const stops = new Set(['vm_start', 'vm_stopped', 'vm_died'])
const touches = new Set([...stops, 'vm_started', 'vm_migrated', 'vm_start_failed'])

function note(course: Course, event: TraceEvent & { vm: string }): void {
  if (event.external) return
  const text = `${event.ev} at ${event.t} s`
  if (touches.has(event.ev)) push(course.touched, event.vm, text)
  if (stops.has(event.ev)) push(course.downtime, event.vm, text)
}

function breach(course: Course, name: Invariant, event: TraceEvent, text: string): void {
  course.breaches[name].push(`${text} at ${event.t} s`)
}

function push(map: Map<string, string[]>, key: string, text: string): void {
  const there = map.get(key)
  if (there) there.push(text)
  else map.set(key, [text])
}
