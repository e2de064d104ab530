import type { Expectation, ExpectationOf } from '../format/expect'
import type { TraceEvent } from '../trace/trace'
import type { Course } from './course'
import { available, type State, vmsAt } from './replay'
import { holds, leftBehind, placementOf } from './rules'

/** Whether an expectation holds, and what was found, in words. */
export interface Finding {
  ok: boolean
  found: string
}

type Judge<K extends Expectation['kind']> = (course: Course, expectation: ExpectationOf<K>) => Finding

/** One small function for each kind of expectation. */
export const judges: { [K in Expectation['kind']]: Judge<K> } = {
  invariant: ({ breaches }, { name }) => none(breaches[name]),

  vm: (course, { at, vm, running, host_in }) =>
    then(course, at, (state) => {
      const places = [...(state.places.get(vm) ?? [])]
      const within = places.every((host) => host_in?.includes(host) ?? true)
      const most = running === false ? 0 : 1
      const least = running === true ? 1 : 0
      const found = places.length > 0 ? `runs on ${places.sort().join(', ')}` : 'does not run'
      return { ok: places.length >= least && places.length <= most && within, found }
    }),

  registered: (course, { at, vm, host_in }) =>
    then(course, at, (state) => {
      const home = state.home.get(vm) ?? 'nowhere'
      return { ok: host_in.includes(home), found: `its home is ${home}` }
    }),

  reported: (course, { at, vm, status_in }) =>
    then(course, at, (state) => {
      const status = state.status.get(vm) ?? 'nothing'
      return { ok: status_in.includes(status), found: `reported as ${status}` }
    }),

  untouched: ({ touched }, { vm }) => none(touched.get(vm) ?? []),
  no_downtime: ({ downtime }, { vm }) => none(downtime.get(vm) ?? []),

  rules: (course, { at, rules }) =>
    then(course, at, (state) => {
      const placement = placementOf(state)
      const broken = course.scenario.cluster.rules.filter(
        (rule) => rules.includes(rule.id) && !holds(rule, placement),
      )
      return {
        ok: broken.length === 0,
        found: say(
          'broken',
          broken.map((rule) => rule.id),
        ),
      }
    }),

  host: (course, { at, host, maintenance, empty, power }) =>
    then(course, at, (state) => {
      const vms = vmsAt(state, host)
      const is = { on: state.on.get(host), maintenance: state.maintenance.get(host) }
      const ok =
        (maintenance === undefined || is.maintenance === maintenance) &&
        (!empty || vms.length === 0) &&
        (power === undefined || is.on === (power === 'on'))
      const found = `${is.on ? 'on' : 'off'}, ${is.maintenance ? '' : 'not '}in maintenance, ${say('runs', vms)}`
      return { ok, found }
    }),

  placeable_running: (course, { at, except }) =>
    then(course, at, (state) => {
      const left = leftBehind(course.scenario, state, except)
      return { ok: left.length === 0, found: say('could run and do not', left) }
    }),

  within: (course, { vm, host, after_step, limit_s }) => {
    const before = course.cuts.get(`before-step:${after_step}`)
    if (!before?.places.get(vm)?.has(host)) return { ok: true, found: 'not hit by the fault in this run' }
    const from = course.stepAt.get(after_step)!
    const again = course.events.find(
      (event) => event.ev === 'vm_started' && event.vm === vm && event.t >= from,
    )
    if (!again) return { ok: false, found: 'never ran again' }
    const seconds = again.t - from
    return { ok: seconds <= limit_s, found: `ran again after ${seconds.toFixed(1)} s` }
  },

  no_kill_on_shutdown: ({ kills }, { host }) =>
    none(kills.filter((kill) => kill.host === host).map(({ text }) => text)),

  count: ({ events }, { vm, event: ev, eq, max }) => {
    const times = events.filter((event) => event.ev === ev && 'vm' in event && event.vm === vm).length
    return { ok: times === (eq ?? times) && times <= (max ?? times), found: `${times} times` }
  },

  never: ({ events }, { event: pattern }) =>
    none(events.filter((event) => matches(event, pattern)).map((event) => JSON.stringify(event))),

  order: ({ events }, { first, then: second }) => {
    const one = events.findIndex((event) => matches(event, first))
    const other = events.findIndex((event) => matches(event, second))
    return { ok: one >= 0 && other >= 0 && one < other, found: `the events ${one} and ${other} of the trace` }
  },

  start_sequence: ({ events }, { vm, hosts }) => {
    const asked = events.flatMap((event) => (event.ev === 'vm_start' && event.vm === vm ? event.host : []))
    return { ok: asked.join() === hosts.join(), found: say('asked', asked) }
  },

  moves: ({ events }, { max }) => {
    const moves = events.filter((event) => event.ev === 'vm_migrated' && !event.external).length
    return { ok: moves <= max, found: `${moves} moves` }
  },

  imbalance: (course, { at, by, limit }) =>
    then(course, at, (state) => {
      const value = imbalance(course, state, by)
      return { ok: value <= limit, found: value.toFixed(4) }
    }),
}

/** Mean over CPU and memory of the standard deviation of the hosts' utilisation. */
function imbalance({ scenario }: Course, state: State, by: 'size' | 'load'): number {
  const usable = new Set(available(state))
  const hosts = scenario.cluster.hosts.filter(({ id }) => usable.has(id))
  const deviations = (['cpu', 'mem_mib'] as const).map((resource) => {
    const shares = hosts.map(
      (host) =>
        vmsAt(state, host.id).reduce((sum, vm) => sum + state[by].get(vm)![resource], 0) / host[resource],
    )
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length
    return Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length)
  })
  return (deviations[0]! + deviations[1]!) / 2
}

/** Judges the state at a point of the timeline; a point that the run did not get to is a failure. */
function then({ cuts }: Course, at: string, judge: (state: State) => Finding): Finding {
  const state = cuts.get(at)
  return state ? judge(state) : { ok: false, found: `the run did not get to ${at}` }
}

function none(these: readonly string[]): Finding {
  return { ok: these.length === 0, found: these.slice(0, 3).join('; ') || 'nothing' }
}

function say(what: string, these: readonly string[]): string {
  return `${what} ${these.length === 0 ? 'nothing' : these.join(', ')}`
}

function matches(event: TraceEvent, pattern: Record<string, unknown>): boolean {
  return Object.entries(pattern).every(([key, value]) => (event as Record<string, unknown>)[key] === value)
}
