import { describe, expect, it } from 'vitest'
import type { Scenario } from '../format/scenario'
import { rack, vm } from '../testing/rack'
import type { TraceEvent } from '../trace/trace'
import { judge } from './judge'

type Expected = Scenario['expect'][number]

/** What is found of one expectation in a trace of these events. */
function found(
  scenario: Scenario,
  events: TraceEvent[],
  expected: Partial<Expected> & { kind: Expected['kind'] },
) {
  const one = { tier: 'must', at: 'end', ...expected } as Expected
  const trace = { format: 'vmha-trace/1', scenario: scenario.id, events } as const
  return judge({ ...scenario, expect: [one] }, trace, new Set())[0]!
}

const crashed = rack(3, {
  vms: [vm('web', 'rack-1'), vm('db', 'rack-2'), vm('off', 'rack-3', { power: 'off', desired: 'stopped' })],
  rules: [{ id: 'apart', kind: 'vm-vm', relation: 'apart', vms: ['web', 'db'] }],
  timeline: [{ step: 1, at: 10, do: [{ op: 'host.crash', host: 'rack-1' }] }],
})

const step: TraceEvent = { t: 10, ev: 'step', step: 1 }
const died: TraceEvent[] = [
  { t: 10, ev: 'vm_died', vm: 'web', host: 'rack-1' },
  { t: 10, ev: 'host_down', host: 'rack-1', why: 'power loss' },
]
const fenced: TraceEvent = { t: 18, ev: 'host_fenced', host: 'rack-1' }
const start = (t: number, host: string, name = 'web'): TraceEvent[] => [
  { t, ev: 'vm_start', vm: name, host },
  { t: t + 1, ev: 'vm_started', vm: name, host },
]
const course = [step, ...died, fenced, ...start(20, 'rack-3')]

describe('invariants', () => {
  it('hold of a restart after proof', () => {
    for (const name of [
      'single_instance',
      'fence_before_restart',
      'start_on_available_host',
      'stopped_stays_stopped',
    ] as const)
      expect(found(crashed, course, { kind: 'invariant', name })).toMatchObject({
        ok: true,
        found: 'nothing',
      })
  })

  it('find a restart before proof', () => {
    const early = [step, ...died, ...start(12, 'rack-3'), fenced]
    const verdict = found(crashed, early, { kind: 'invariant', name: 'fence_before_restart' })
    expect(verdict).toMatchObject({ ok: false, found: 'web of rack-1 on rack-3 at 12 s' })
  })

  it('find two processes of one VM', () => {
    const twice = [...start(5, 'rack-2'), ...course]
    expect(found(crashed, twice, { kind: 'invariant', name: 'single_instance' }).ok).toBe(false)
  })

  it('find a start on a host that is gone, and one of a VM that is to be off', () => {
    const gone = [step, ...died, fenced, ...start(20, 'rack-1')]
    expect(found(crashed, gone, { kind: 'invariant', name: 'start_on_available_host' }).ok).toBe(false)
    const off = start(5, 'rack-2', 'off')
    expect(found(crashed, off, { kind: 'invariant', name: 'stopped_stays_stopped' }).ok).toBe(false)
  })

  it('add memory up where it may not be overcommitted', () => {
    const tight = { ...crashed, settings: { ...crashed.settings, allow_memory_overcommit: false } }
    expect(found(tight, course, { kind: 'invariant', name: 'memory_fits' }).ok).toBe(true)
    tight.cluster = { ...tight.cluster, vms: tight.cluster.vms.map((one) => ({ ...one, mem_mib: 65_000 })) }
    const full = [step, ...died, fenced, ...start(20, 'rack-2')]
    expect(found(tight, full, { kind: 'invariant', name: 'memory_fits' }).ok).toBe(false)
  })
})

describe('states', () => {
  it('are those of their moment', () => {
    const at = (at: string, host: string) =>
      found(crashed, course, { kind: 'vm', vm: 'web', running: true, host_in: [host], at }).ok
    expect(at('before-step:1', 'rack-1')).toBe(true)
    expect(at('end', 'rack-3')).toBe(true)
    expect(at('end', 'rack-2')).toBe(false)
    expect(found(crashed, [], { kind: 'vm', vm: 'web', running: true, at: 'before-step:1' })).toMatchObject({
      ok: false,
      found: 'the run did not get to before-step:1',
    })
  })

  it('tell rules that hold from those that do not', () => {
    expect(found(crashed, course, { kind: 'rules', rules: ['apart'] }).ok).toBe(true)
    const together = [step, ...died, fenced, ...start(20, 'rack-2')]
    expect(found(crashed, together, { kind: 'rules', rules: ['apart'] }).ok).toBe(false)
  })

  it('know a VM that could run and does not', () => {
    const left = found(crashed, [step, ...died, fenced], { kind: 'placeable_running', except: [] })
    expect(left).toMatchObject({ ok: false, found: 'could run and do not web on rack-3' })
    const closed: TraceEvent = { t: 0, ev: 'host_maintenance', host: 'rack-3', on: true }
    expect(
      found(crashed, [closed, step, ...died, fenced], { kind: 'placeable_running', except: [] }).ok,
    ).toBe(true)
  })
})

describe('courses', () => {
  it('count seconds from the fault to running again', () => {
    const within = (limit_s: number) =>
      found(crashed, course, { kind: 'within', vm: 'web', host: 'rack-1', after_step: 1, limit_s })
    expect(within(11)).toMatchObject({ ok: true, found: 'ran again after 11.0 s' })
    expect(within(10).ok).toBe(false)
    expect(
      found(crashed, [step, ...died], {
        kind: 'within',
        vm: 'web',
        host: 'rack-1',
        after_step: 1,
        limit_s: 99,
      }).ok,
    ).toBe(false)
  })

  it('know whom nothing happened to', () => {
    expect(found(crashed, course, { kind: 'untouched', vm: 'db' }).ok).toBe(true)
    const moved: TraceEvent = { t: 30, ev: 'vm_migrated', vm: 'db', host: 'rack-2', to: 'rack-3' }
    expect(found(crashed, [...course, moved], { kind: 'untouched', vm: 'db' }).ok).toBe(false)
    expect(found(crashed, [...course, moved], { kind: 'no_downtime', vm: 'db' }).ok).toBe(true)
    expect(
      found(crashed, [...course, { ...moved, external: true }], { kind: 'untouched', vm: 'db' }).ok,
    ).toBe(true)
    expect(found(crashed, [...course, moved], { kind: 'moves', max: 0 }).ok).toBe(false)
  })

  it('know order, number and sequence of events', () => {
    const first = { ev: 'host_fenced', host: 'rack-1' }
    const second = { ev: 'vm_start', vm: 'web' }
    const order = (first: object, next: object) =>
      // biome-ignore lint/suspicious/noThenProperty: the format names it so
      found(crashed, course, { kind: 'order', first, then: next } as never).ok
    expect([order(first, second), order(second, first)]).toEqual([true, false])
    expect(found(crashed, course, { kind: 'count', vm: 'web', event: 'vm_start', eq: 1 }).ok).toBe(true)
    expect(found(crashed, course, { kind: 'count', vm: 'web', event: 'vm_start', max: 0 }).ok).toBe(false)
    expect(found(crashed, course, { kind: 'start_sequence', vm: 'web', hosts: ['rack-3'] }).ok).toBe(true)
    expect(found(crashed, course, { kind: 'never', event: second }).ok).toBe(false)
  })

  it('blame a host that was to be emptied and took a VM down', () => {
    const scenario = {
      ...crashed,
      timeline: rack(3, {
        vms: crashed.cluster.vms,
        timeline: [{ step: 1, at: 10, do: [{ op: 'host.shutdown', host: 'rack-1', guests: 'evacuate' }] }],
      }).timeline,
    }
    const down: TraceEvent = { t: 20, ev: 'host_down', host: 'rack-1', why: 'shutdown' }
    expect(found(scenario, [step, down], { kind: 'no_kill_on_shutdown', host: 'rack-1' }).ok).toBe(false)
    const left: TraceEvent = { t: 15, ev: 'vm_migrated', vm: 'web', host: 'rack-1', to: 'rack-3' }
    expect(found(scenario, [step, left, down], { kind: 'no_kill_on_shutdown', host: 'rack-1' }).ok).toBe(true)
  })

  it('measure how uneven hosts are', () => {
    const even = found(crashed, [], { kind: 'imbalance', by: 'size', limit: 1 })
    expect(Number(even.found)).toBeCloseTo((Math.sqrt(2) / 3) * ((2 / 16 + 4_096 / 65_536) / 2), 4)
  })
})

describe('policy', () => {
  it('counts only where it is declared', () => {
    const expected = { tier: 'policy', tag: 'a.b', kind: 'moves', max: 0 } as const
    const trace = { format: 'vmha-trace/1', scenario: 'x', events: [] } as const
    const of = (...tags: string[]) =>
      judge({ ...crashed, expect: [expected] }, { ...trace, events: [] }, new Set(tags)).length
    expect([of(), of('a'), of('a.b'), of('all')]).toEqual([0, 0, 1, 1])
  })
})
