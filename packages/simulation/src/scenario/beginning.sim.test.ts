import { describe, expect, it } from 'vitest'
import type { OpOf } from './format/op'
import { opSchema } from './format/op'
import type { Scenario } from './format/scenario'
import { allRun, broken, type Expected, isOff, reported, runs, untouched } from './testing/expected'
import { rack, vm } from './testing/rack'

const kept: Expected = { tier: 'must', kind: 'rules', at: 'end', rules: ['apart', 'together'] }

function register(name: string, host: string, more: object = {}): OpOf<'vm.register'> {
  return opSchema.parse({ op: 'vm.register', vm: name, host, ...more }) as OpOf<'vm.register'>
}

/** The first rack, as it is when the scenario begins. */
function firstIs(scenario: Scenario, is: Partial<Scenario['cluster']['hosts'][number]>): Scenario {
  const [first, ...others] = scenario.cluster.hosts
  return { ...scenario, cluster: { ...scenario.cluster, hosts: [{ ...first!, ...is }, ...others] } }
}

describe('what is so when a scenario begins', () => {
  it('is known: nothing is planned for a host that is away, which would leave no place for others', async () => {
    const cold = (name: string) => vm(name, 'rack-2', { power: 'off' })
    const scenario = rack(3, {
      vms: [cold('shop'), cold('ledger'), cold('wiki'), cold('mail')],
      rules: [
        { id: 'together', kind: 'vm-vm', relation: 'together', vms: ['shop', 'ledger'] },
        { id: 'apart', kind: 'vm-vm', relation: 'apart', vms: ['shop', 'wiki'] },
        { id: 'apart, too', kind: 'vm-vm', relation: 'apart', vms: ['shop', 'mail'] },
      ],
      settings: { place_on_start: true },
      start: 'cold',
    })
    const all = ['shop', 'ledger', 'wiki', 'mail'].map((name) => runs(name, ['rack-2', 'rack-3']))
    for (const is of [{ power: 'off' }, { net: 'down' }] as const)
      expect(await broken(firstIs(scenario, is), [...all, kept])).toEqual([])
  })

  it('is told when it cannot be: a VM does not run on a host that is off', async () => {
    const scenario = rack(3, { vms: [vm('shop', 'rack-1'), vm('wiki', 'rack-2')] })
    expect(
      await broken(firstIs(scenario, { power: 'off' }), [
        runs('shop', ['rack-2', 'rack-3']),
        untouched('wiki'),
      ]),
    ).toEqual([])
  })

  it('is put right: what runs and should be off is shut down', async () => {
    const scenario = rack(2, { vms: [vm('shop', 'rack-1', { desired: 'stopped' }), vm('wiki', 'rack-1')] })
    expect(await broken(scenario, [isOff('shop'), untouched('wiki')])).toEqual([])
  })
})

describe('a VM that is made later', () => {
  it('is looked after as it says, by the rules that name it', async () => {
    const scenario = rack(3, {
      vms: [vm('shop', 'rack-1'), vm('wiki', 'rack-2')],
      rules: [
        { id: 'apart', kind: 'vm-vm', relation: 'apart', vms: ['shop', 'mail'] },
        { id: 'together', kind: 'vm-vm', relation: 'together', vms: ['wiki', 'mail'] },
      ],
      timeline: [
        {
          step: 1,
          at: 60,
          do: [register('mail', 'rack-1', { priority: 3, retry: { local: 0, relocate: 1 } })],
        },
        { step: 2, at: 200, do: [{ op: 'host.crash', host: 'rack-2' }] },
      ],
    })
    const expected = [runs('mail', ['rack-2'], 'before-step:2'), runs('mail', ['rack-3']), kept, allRun]
    expect(await broken(scenario, [...expected, untouched('shop')])).toEqual([])
  })

  it('may be one that was left alone: it is looked after again, as it is', async () => {
    const scenario = rack(3, {
      vms: [vm('shop', 'rack-1'), vm('wiki', 'rack-2')],
      timeline: [
        { step: 1, at: 60, do: [{ op: 'vm.unregister', vm: 'shop' }] },
        { step: 2, at: 120, do: [register('shop', 'rack-1')] },
        { step: 3, at: 200, do: [{ op: 'host.crash', host: 'rack-1' }] },
      ],
    })
    const expected = [
      runs('shop', ['rack-1'], 'before-step:3'),
      reported('shop', 'running', 'before-step:3'),
      runs('shop', ['rack-2', 'rack-3']),
    ]
    expect(await broken(scenario, [...expected, untouched('wiki')])).toEqual([])
  })

  it('waits for somebody who looks, as everything does that is asked for while nobody leads', async () => {
    const scenario = rack(2, {
      vms: [vm('shop', 'rack-1'), vm('old', 'rack-1', { power: 'off', desired: 'stopped' })],
      timeline: [
        { step: 1, at: 60, do: [{ op: 'manager.stop' }] },
        {
          step: 2,
          at: 80,
          do: [register('mail', 'rack-2'), { op: 'vm.set_desired', vm: 'old', desired: 'running' }],
        },
        { step: 3, at: 800, do: [{ op: 'manager.start' }] },
      ],
      end_at: 900,
    })
    const expected = [
      isOff('old', 'before-step:3'),
      runs('old', ['rack-1', 'rack-2']),
      runs('mail', ['rack-1', 'rack-2']),
      untouched('shop'),
    ]
    expect(await broken(scenario, expected)).toEqual([])
  })
})
