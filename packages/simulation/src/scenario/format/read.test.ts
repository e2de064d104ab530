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
      'Step 1, host.crash, names the host rack-9, which is not there.',
      'Step 2 is before the one above it.',
      'Step 2, vm.migrate, names the VM db, which is not there.',
      'The expectation vm is about before-step:7, which is not in the timeline.',
    ])
  })

  it('knows operations that it does not know', () => {
    const timeline = [{ step: 1, at: 10, do: [{ op: 'host.explode', host: 'rack-1' }] }]
    expect(problem({ format: 'vmha-scenario/1', id: 'x', cluster, timeline, end_at: 60 })).toMatch(/op/)
  })

  it('takes plan questions', () => {
    const ask = { host_failures: 1 }
    const question = { format: 'vmha-plan/1', id: 'q', kind: 'tolerate', ask }
    const hosts = [{ id: 'a', mem_mib: 1 }]
    expect(readScenario(JSON.stringify({ ...question, cluster: { hosts } })).kind).toBe('plan')
    expect(problem({ ...question, cluster: { hosts: [] } })).toMatch(/hosts/)
  })
})
