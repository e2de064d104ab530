import type { TaskPlan } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { sayPlan } from './plan'

const plan: TaskPlan = {
  what: 'vm.migrate',
  vm: { id: 'vm-1', name: 'web' },
  verdict: { ok: true },
  steps: [
    { name: 'wait for a slot', host: null },
    { name: 'migrate', host: { id: 'host-1', name: 'esx-01' } },
  ],
  target: { id: 'host-2', name: 'esx-02' },
  method: 'live',
  expectedMs: 8_200,
}

describe('a plan', () => {
  it('says where, how, in which steps, and how long', () => {
    expect(sayPlan(plan, 'web')).toBe(
      [
        'Would migrate web to esx-02, live.',
        '  1. wait for a slot',
        '  2. migrate (esx-01)',
        'Expected to take 8.2 s.',
        'Nothing stands against it. Nothing was changed.',
      ].join('\n'),
    )
  })

  it('says every reason against, not only the first', () => {
    const host = { id: 'host-2', name: 'esx-02' } as const
    const verdict: TaskPlan['verdict'] = {
      ok: false,
      refusals: [
        { code: 'host_maintenance', host, reason: 'new fan' },
        { code: 'host_silent', host, sinceAt: 0 },
      ],
    }
    const lines = sayPlan({ ...plan, verdict }, 'web').split('\n')
    expect(lines).toHaveLength(5)
    expect(lines[2]).toContain('in maintenance (new fan)')
    expect(lines[3]).toContain('does not answer')
  })
})
