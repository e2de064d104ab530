import { describe, expect, it } from 'vitest'
import type { Scenario } from './format/scenario'
import { runScenario } from './run'
import {
  allRun,
  broken,
  type Expected,
  isOff,
  noDowntime,
  reported,
  runs,
  untouched,
} from './testing/expected'
import { rack, vm } from './testing/rack'

const three = () => [vm('shop', 'rack-1'), vm('ledger', 'rack-2'), vm('wiki', 'rack-3')]

/** Rack 1 has this fence device and no way to end itself; the others are as usual. */
function withDevice(
  device: 'ok' | 'broken',
  self_s: number | null,
  timeline: Scenario['timeline'],
): Scenario {
  const scenario = rack(3, { vms: three(), end_at: 700 })
  const [first, ...others] = scenario.cluster.hosts
  const hosts = [{ ...first!, fence: { device, device_s: 3, self_s } }, ...others]
  return { ...scenario, cluster: { ...scenario.cluster, hosts }, timeline }
}

describe('hosts that are lost', () => {
  it('have their VMs go on elsewhere once they are proven off, whatever the reason', async () => {
    for (const op of ['host.crash', 'host.isolate'] as const) {
      const scenario = withDevice('ok', null, [
        { step: 1, at: 60, wait: 'settled', do: [{ op, host: 'rack-1' }] },
      ])
      const soon: Expected = {
        tier: 'should',
        kind: 'within',
        vm: 'shop',
        host: 'rack-1',
        after_step: 1,
        limit_s: 30,
      }
      const expected = [runs('shop', ['rack-2', 'rack-3']), soon, untouched('ledger'), allRun]
      expect(await broken(scenario, expected), op).toEqual([])
    }
  })

  it('keep them while nothing proves anything; then a person does, or the device again', async () => {
    for (const remedy of ['host.confirm_off', 'fence.repair'] as const) {
      const scenario = withDevice('broken', null, [
        { step: 1, at: 60, wait: 'settled', do: [{ op: 'host.crash', host: 'rack-1' }] },
        { step: 2, at: 300, wait: 'settled', do: [{ op: remedy, host: 'rack-1' }] },
      ])
      const expected = [
        isOff('shop', 'before-step:2'),
        reported('shop', 'waiting', 'before-step:2'),
        runs('shop', ['rack-2', 'rack-3']),
        untouched('wiki'),
      ]
      expect(await broken(scenario, expected), remedy).toEqual([])
    }
  })

  it('end themselves where they can, and that counts as proof', async () => {
    const scenario = withDevice('broken', 40, [
      { step: 1, at: 60, wait: 'settled', do: [{ op: 'host.isolate', host: 'rack-1' }] },
    ])
    expect(await broken(scenario, [runs('shop', ['rack-2', 'rack-3']), untouched('ledger')])).toEqual([])
  })

  it('run on when their network is back, or only their agent or the manager was away', async () => {
    const steps: Scenario['timeline'][] = [
      [
        { step: 1, at: 60, wait: 'settled', do: [{ op: 'host.isolate', host: 'rack-1' }] },
        { step: 2, at: 63, wait: 'time', do: [{ op: 'host.heal', host: 'rack-1' }] },
      ],
      [{ step: 1, at: 60, wait: 'settled', do: [{ op: 'agent.restart', host: 'rack-1' }] }],
      [{ step: 1, at: 60, wait: 'settled', do: [{ op: 'manager.crash', for_s: 120 }] }],
    ]
    for (const timeline of steps)
      expect(
        await broken(withDevice('ok', null, timeline), [untouched('shop'), untouched('ledger')]),
      ).toEqual([])
  })

  it('are left alone when all fell silent at once, also those that come back last', async () => {
    const all = ['rack-1', 'rack-2', 'rack-3']
    const scenario = rack(3, {
      vms: three(),
      timeline: [
        { step: 1, at: 60, do: all.map((host) => ({ op: 'host.isolate' as const, host })) },
        { step: 2, at: 95, wait: 'time', do: all.map((host) => ({ op: 'host.heal' as const, host })) },
      ],
    })
    expect(await broken(scenario, [untouched('shop'), untouched('ledger'), untouched('wiki')])).toEqual([])
  })

  it('are no flapping hosts for having booted once', async () => {
    const scenario = rack(3, {
      vms: three(),
      rules: [{ id: 'only there', kind: 'vm-host', vms: ['shop'], hosts: [{ id: 'rack-1' }] }],
      timeline: [
        { step: 1, at: 60, do: [{ op: 'host.crash', host: 'rack-1' }] },
        { step: 2, at: 200, do: [{ op: 'host.recover', host: 'rack-1' }] },
      ],
    })
    const expected = [
      isOff('shop', 'before-step:2'),
      reported('shop', 'waiting', 'before-step:2'),
      runs('shop', ['rack-1']),
    ]
    expect(await broken(scenario, expected)).toEqual([])
  })
})

describe('VMs', () => {
  it('whose host loses its way to their disks go on elsewhere', async () => {
    const scenario = rack(3, {
      vms: three(),
      timeline: [{ step: 1, at: 60, do: [{ op: 'storage.isolate', host: 'rack-2' }] }],
    })
    expect(await broken(scenario, [runs('ledger', ['rack-1', 'rack-3']), untouched('shop')])).toEqual([])
  })

  it('come by priority when not all have room', async () => {
    const big = (name: string, priority: number) => vm(name, 'rack-1', { mem_mib: 30_000, priority })
    const scenario = rack(2, {
      vms: [big('later', 1), big('first', 7), vm('there', 'rack-2', { mem_mib: 20_000 })],
      settings: { allow_memory_overcommit: false },
      timeline: [
        { step: 1, at: 60, do: [{ op: 'host.crash', host: 'rack-1' }] },
        { step: 2, at: 200, do: [{ op: 'host.recover', host: 'rack-1' }] },
      ],
    })
    const expected: Expected[] = [
      { tier: 'must', kind: 'invariant', name: 'memory_fits' },
      runs('first', ['rack-2'], 'before-step:2'),
      isOff('later', 'before-step:2'),
      runs('later', ['rack-1']),
      untouched('there'),
    ]
    expect(await broken(scenario, expected)).toEqual([])
  })

  it('that fail to start are tried elsewhere; those that should be off stay off', async () => {
    const faults = { start_fails: { times: -1, hosts: ['rack-2'] } }
    const scenario = rack(3, {
      vms: [
        vm('shop', 'rack-1', { faults }),
        vm('old', 'rack-1', { power: 'off', desired: 'stopped' }),
        vm('wiki', 'rack-3'),
        vm('mail', 'rack-3'),
      ],
      timeline: [{ step: 1, at: 60, do: [{ op: 'host.crash', host: 'rack-1' }] }],
    })
    expect(await broken(scenario, [runs('shop', ['rack-3']), isOff('old'), untouched('wiki')])).toEqual([])
  })

  it('stay where they are while nobody is to act, and are brought back when that is over', async () => {
    const scenario = rack(3, {
      vms: three(),
      timeline: [
        { step: 1, at: 60, do: [{ op: 'ha.disable', mode: 'hold' }] },
        { step: 2, at: 80, do: [{ op: 'host.crash', host: 'rack-1' }] },
        { step: 3, at: 300, do: [{ op: 'ha.enable' }] },
      ],
    })
    expect(
      await broken(scenario, [isOff('shop', 'before-step:3'), runs('shop', ['rack-2', 'rack-3'])]),
    ).toEqual([])
  })
})

describe('planned work', () => {
  it('empties a host without anyone noticing, keeps rules, and goes on when another host dies', async () => {
    const scenario = rack(4, {
      vms: [
        vm('shop', 'rack-1'),
        vm('shop-2', 'rack-2'),
        vm('wiki', 'rack-1'),
        vm('pci', 'rack-1', { live_migratable: false }),
      ],
      rules: [{ id: 'apart', kind: 'vm-vm', relation: 'apart', vms: ['shop', 'shop-2'] }],
      timeline: [
        { step: 1, at: 60, do: [{ op: 'host.enter_maintenance', host: 'rack-1' }] },
        { step: 2, at: 300, do: [{ op: 'host.crash', host: 'rack-2' }] },
      ],
    })
    const expected: Expected[] = [
      { tier: 'must', kind: 'host', host: 'rack-1', maintenance: true, empty: true, at: 'before-step:2' },
      runs('shop', ['rack-3', 'rack-4'], 'before-step:2'),
      runs('pci', ['rack-2', 'rack-3', 'rack-4'], 'before-step:2'),
      noDowntime('shop'),
      { tier: 'must', kind: 'rules', rules: ['apart'], at: 'end' },
      allRun,
    ]
    expect(await broken(scenario, expected)).toEqual([])
  })

  it('shuts a host down as its guests are to be treated', async () => {
    const after: Record<'evacuate' | 'failover' | 'hold', Expected[]> = {
      evacuate: [noDowntime('shop'), runs('shop', ['rack-2', 'rack-3'], 'before-step:2')],
      failover: [runs('shop', ['rack-2', 'rack-3'], 'before-step:2')],
      hold: [isOff('shop', 'before-step:2'), runs('shop', ['rack-1'])],
    }
    for (const guests of ['evacuate', 'failover', 'hold'] as const) {
      const scenario = rack(3, {
        vms: three(),
        timeline: [
          { step: 1, at: 60, do: [{ op: 'host.shutdown', host: 'rack-1', guests }] },
          { step: 2, at: 250, do: [{ op: 'host.recover', host: 'rack-1' }] },
        ],
      })
      const off: Expected = { tier: 'must', kind: 'host', host: 'rack-1', power: 'off', at: 'before-step:2' }
      expect(await broken(scenario, [...after[guests], off, untouched('ledger'), allRun]), guests).toEqual([])
    }
  })

  it('refuses an order that would break a strict rule', async () => {
    const scenario = rack(3, {
      vms: three(),
      rules: [{ id: 'apart', kind: 'vm-vm', relation: 'apart', vms: ['shop', 'ledger'] }],
      timeline: [{ step: 1, at: 60, do: [{ op: 'vm.migrate', vm: 'shop', to: 'rack-2' }] }],
    })
    expect(await broken(scenario, [untouched('shop'), untouched('ledger')])).toEqual([])
    expect((await runScenario(scenario)).refused).toEqual(['move shop to rack-2: rule_forbids'])
  })
})

describe('a run', () => {
  it('gives the same trace twice, and another one for another scenario', async () => {
    const timeline = [{ step: 1, at: 60, do: [{ op: 'host.crash' as const, host: 'rack-2' }] }]
    const scenario = rack(3, { vms: three(), timeline })
    const [one, again] = [await runScenario(scenario), await runScenario(scenario)]
    expect(JSON.stringify(again.trace)).toBe(JSON.stringify(one.trace))
    expect(again.log).toBe(one.log)
    const other = await runScenario({ ...scenario, id: 'another one' })
    expect(JSON.stringify(other.trace.events)).not.toBe(JSON.stringify(one.trace.events))
  })
})
