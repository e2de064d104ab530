import { describe, expect, it } from 'vitest'
import { readScenario } from './read'

const cluster = { hosts: [{ id: 'rack-1' }], vms: [{ id: 'web', host: 'rack-1' }] }

function problem(json: unknown): string {
  const read = readScenario(typeof json === 'string' ? json : JSON.stringify(json))
  return read.kind === 'wrong' ? read.problem : `no problem: ${read.kind}`
}

describe('reading a scenario', () => {
  it('fills in what is usual', () => {
    const read = readScenario(JSON.stringify({ format: 'vmha-scenario/1', id: 'x', cluster, end_at: 60 }))
    expect(read).toMatchObject({
      kind: 'scenario',
      scenario: {
        start: 'warm',
        cluster: {
          hosts: [{ power: 'on', net: 'up', fence: { device: 'ok' } }],
          vms: [{ desired: 'running' }],
        },
      },
    })
  })

  it('says what is wrong with it, all of it', () => {
    expect(problem('{')).toMatch(/^It is not JSON/)
    expect(problem({ format: 'vmha-scenario/2', id: 'x' })).toMatch(/vmha-scenario\/2/)
    expect(problem({ format: 'vmha-scenario/1', id: 'x', cluster })).toMatch(/end_at/)
    const timeline = [
      { step: 1, at: 10, do: [{ op: 'host.crash', host: 'rack-9' }] },
      { step: 2, at: 5, do: [{ op: 'vm.migrate', vm: 'db', to: 'rack-1' }] },
    ]
    const expected = [{ tier: 'must', kind: 'vm', vm: 'web', at: 'before-step:7', running: true }]
    const all = problem({
      format: 'vmha-scenario/1',
      id: 'x',
      cluster,
      timeline,
      end_at: 60,
      expect: expected,
    })
    expect(all.split('\n')).toEqual([
      'Step 1, host.crash, names the host rack-9, which is not there. Correct the name, or add it.',
      'Step 2 is before the one above it. Order steps by their "at".',
      'Step 2, vm.migrate, names the VM db, which is not there. Correct the name, or add it.',
      'The expectation vm is about step 7, which is not in the timeline. Correct the number.',
    ])
  })

  it('names the field, what it is and what it can be', () => {
    const timeline = [{ step: 1, at: -1, do: [{ op: 'host.crsh', host: 'rack-1' }] }]
    const hosts = [{ id: 'rack-1', cpu: 0, power: 'yes', mem_mib: '64 GiB' }]
    const all = problem({ format: 'vmha-scenario/1', id: 'x', cluster: { hosts }, timeline })
    expect(all.split('\n')).toEqual([
      'cluster.hosts[0].cpu has to be more than 0, and is 0.',
      'cluster.hosts[0].mem_mib has to be a number, and is "64 GiB".',
      'cluster.hosts[0].power is "yes"; it can be on, off.',
      'timeline[0].at has to be at least 0, and is -1.',
      'timeline[0].do[0].op is "host.crsh", which is not known. Did you mean host.crash?',
      'end_at is missing; it has to be a number.',
    ])
  })

  it('refuses expectations that could only hold, or fail, for no reason', () => {
    const expected = [
      { tier: 'must', kind: 'rules', rules: ['none'] },
      { tier: 'must', kind: 'within', vm: 'web', host: 'rack-1', after_step: 3, limit_s: 9 },
      { tier: 'must', kind: 'never', event: { ev: 'vm_teleported' } },
      { tier: 'must', kind: 'vm', vm: 'web', running: true, host_in: ['rack-2'] },
    ]
    const all = problem({ format: 'vmha-scenario/1', id: 'x', cluster, end_at: 60, expect: expected })
    expect(all.split('\n').map((line) => line.replace(/ (Correct|Events).*/, ''))).toEqual([
      'The expectation rules names the rule none, which is not there.',
      'The expectation within is about step 3, which is not in the timeline.',
      'The expectation never is about vm_teleported, which no trace has.',
      'The expectation vm names the host rack-2, which is not there.',
    ])
  })

  it('says which fields nothing here knows, and not those that are remarks', () => {
    const hosts = [{ id: 'rack-1', mem_mb: 4 }]
    const file = { format: 'vmha-scenario/1', id: 'x', source: 'mine', cluster: { hosts }, end_at: 60 }
    const inject = { vms: {}, hosts: { 'rack-1': { status: 'dreaming' } } }
    const read = readScenario(JSON.stringify({ ...file, inject, setings: {} }))
    expect(read).toMatchObject({
      ignored: ['cluster.hosts[0].mem_mb', 'setings', 'inject.hosts.rack-1.status (dreaming)'],
    })
  })

  it('leaves alone what requires something else, whatever that is', () => {
    const timeline = [{ step: 1, at: 10, do: [{ op: 'gpu.unplug', gpu: 3 }] }]
    const file = { format: 'vmha-scenario/1', id: 'x', cluster, timeline, end_at: 60 }
    const read = readScenario(JSON.stringify({ ...file, requires: ['vm.priority', 'gpu.hotplug'] }))
    expect(read).toMatchObject({ kind: 'lacking', missing: [{ feature: 'gpu.hotplug' }] })
  })

  it('takes plan questions', () => {
    const ask = { host_failures: 1 }
    const question = { format: 'vmha-plan/1', id: 'q', kind: 'tolerate', ask }
    const hosts = [{ id: 'a', mem_mib: 1 }]
    expect(readScenario(`\uFEFF${JSON.stringify({ ...question, cluster: { hosts } })}`).kind).toBe('plan')
    expect(problem({ ...question, cluster: { hosts: [] } })).toBe('cluster.hosts is empty.')
    const lost = { ...question, cluster: { hosts, vms: [{ id: 'v', host: 'b', mem_mib: 1 }] } }
    expect(problem(lost)).toMatch(/^VM v names the host b/)
  })
})
