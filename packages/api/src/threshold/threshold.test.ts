import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Estate, refusalsOf } from '../testing/estate'

const none = {
  diskReadBytesPerSecond: 0,
  diskWriteBytesPerSecond: 0,
  networkInBytesPerSecond: 0,
  networkOutBytesPerSecond: 0,
}

describe('rules about load by the API', () => {
  let estate: Estate
  beforeEach(async () => {
    estate = await Estate.begin()
    const { world } = estate.control
    for (const host of world.tables.host.values()) {
      const live = world.live.get(host.id)!
      const there = [...world.tables.vm.values()].filter(
        (vm) => vm.hostId === host.id && vm.power === 'running',
      )
      const cores = host.facts!.cpu.cores
      const each = (0.9 * cores) / Math.max(1, there.length)
      live.vms = new Map(
        there.map((vm) => [vm.uuid, { cpu: each, memoryUsedBytes: vm.memoryBytes / 2, ...none }]),
      )
      live.usage = { cpu: there.length > 0 ? 0.9 : 0, memoryUsedBytes: 2 ** 30, ...none }
    }
  })
  afterEach(() => estate.control.stop())

  const input = { clusterId: 'cluster-1', name: 'Busy', metric: 'cpu', above: 0.8, until: 0.6 } as const

  it('thresholds are made, changed and removed by admins, and listed with their sentence and conflicts', async () => {
    const admin = estate.as('admin')
    expect((await refusalsOf(estate.as('operator').threshold.create(input))).code).toBe('FORBIDDEN')
    const made = await admin.threshold.create(input)
    expect(made.conflicts[0]!.text).toMatch(/does nothing: balancing of blue is off/)
    const thresholdId = made.thresholdId!
    const [listed] = await estate.as('auditor').threshold.list()
    expect(listed!.sentence).toMatch(
      /^When CPU of any host is above 80 % for 5 min, move VMs away until it is under 60 %/,
    )
    expect(listed!.conflicts).toHaveLength(1)
    expect(
      (await refusalsOf(admin.threshold.create({ ...input, name: 'x', until: 0.9 }))).refusals,
    ).toMatchObject([{ code: 'invalid', field: 'until' }])
    const asked = await estate.as('auditor').threshold.conflicts({ ...input, until: 0.9 })
    expect(asked.conflicts[0]).toMatchObject({ level: 'error' })
    await admin.threshold.change({ thresholdId, changes: { enabled: false } })
    expect(estate.control.world.tables.threshold.get(thresholdId)).toMatchObject({
      enabled: false,
      version: 2,
    })
    await admin.threshold.delete({ thresholdId })
    await expect(admin.threshold.list()).resolves.toEqual([])
  })

  it('a draft says what it would move now, and saves nothing', async () => {
    const { clusterId: _, ...threshold } = input
    const draft = await estate.as('auditor').cluster.draftRules({
      clusterId: 'cluster-1',
      rules: { balance: { mode: 'full', aim: 'overload', limit: 1 }, thresholds: [threshold] },
    })
    expect(draft.proposals[0]).toMatchObject({ name: 'Busy', automatic: true })
    expect(draft.proposals[0]!.moves[0]!.text).toMatch(/from esx-1 to esx-/)
    expect(estate.control.world.tables.threshold.size).toBe(0)
    const wrong = estate.as('auditor').cluster.draftRules({
      clusterId: 'cluster-1',
      rules: { balance: { holdMs: 1 }, thresholds: [{ ...threshold, until: 0.9 }] },
    })
    expect((await refusalsOf(wrong)).refusals).toMatchObject([
      { field: 'balance.holdMs' },
      { field: 'thresholds.0.until' },
    ])
  })

  it('a draft that misspells something is turned down, or it would say that all stays as it is', async () => {
    const { clusterId, ...threshold } = input
    for (const [rules, wrong] of [
      [{ treshold: [] }, 'treshold'],
      [{ balance: { limt: 0.5 } }, 'limt'],
      [{ thresholds: [{ ...threshold, hosts: [] }] }, 'hosts'],
    ] as const)
      await expect(
        estate.as('auditor').cluster.draftRules({ clusterId, rules: rules as object }),
      ).rejects.toThrow(`${wrong} is nothing that can be set there. Compare it with`)
  })

  it('what is left out of a budget stays, and two who change the same are told of one another', async () => {
    const admin = estate.as('admin')
    const made = await admin.threshold.create({ ...input, budget: { bytesPerHour: 2 ** 30 } })
    const thresholdId = made.thresholdId!
    const row = () => estate.control.world.tables.threshold.get(thresholdId)!
    expect(row().budget).toEqual({ movesPerHour: 10, bytesPerHour: 2 ** 30 })
    await admin.threshold.change({ thresholdId, changes: { budget: { movesPerHour: null } }, version: 1 })
    expect(row().budget).toEqual({ movesPerHour: null, bytesPerHour: 2 ** 30 })
    const { code, refusals } = await refusalsOf(
      admin.threshold.change({ thresholdId, changes: { above: 0.7 }, version: 1 }),
    )
    expect([code, refusals]).toMatchObject(['CONFLICT', [{ code: 'changed_since', is: 2, seen: 1 }]])
    const both = { clusterId: 'cluster-1', version: 7 } as const
    for (const asked of [
      admin.cluster.changeBalance({ ...both, changes: { mode: 'full' } }),
      admin.cluster.changePower({ ...both, changes: { mode: 'manual' } }),
    ])
      expect((await refusalsOf(asked)).code).toBe('CONFLICT')
  })

  it('times beyond the calendar are turned down', async () => {
    const at = Number.MAX_SAFE_INTEGER - 1
    const { decision, usage } = estate.as('auditor')
    for (const asked of [
      decision.list({ beforeAt: at }),
      usage.series({ ids: ['vm-1'], fromAt: at, toAt: at + 1 }),
    ])
      expect((await refusalsOf(asked)).code).toBe('BAD_REQUEST')
  })

  it('why not is answered for any VM and host, and what is recommended is shown', async () => {
    const auditor = estate.as('auditor')
    expect(await auditor.vm.whyNot({ vmId: 'vm-1', hostId: 'host-1' })).toMatchObject({ verdict: 'there' })
    expect((await auditor.vm.whyNot({ vmId: 'vm-1', hostId: 'host-2' })).target).toMatchObject({
      before: { cpu: 0 },
    })
    const { moves, proposals } = await auditor.cluster.recommendations({ clusterId: 'cluster-1' })
    expect(moves.length).toBe(proposals.flatMap((one) => one.moves).length)
    expect(moves.length).toBeGreaterThan(0)
    await expect(auditor.decision.list()).resolves.toEqual([])
    expect((await refusalsOf(auditor.decision.show({ decisionId: 'decision-1' }))).refusals).toMatchObject([
      { code: 'not_found' },
    ])
    expect((await refusalsOf(auditor.decision.carryOut({ decisionId: 'decision-1' }))).code).toBe('FORBIDDEN')
  })

  it('levels of balance and how far rules go with a VM are set', async () => {
    await estate
      .as('admin')
      .cluster.changeBalance({ clusterId: 'cluster-1', changes: { level: 5, mode: 'partial' } })
    expect(estate.control.world.tables.cluster.get('cluster-1')!.balance).toMatchObject({
      level: 5,
      holdMs: 60_000,
    })
    await estate.as('operator').vm.changeAutomation({ vmId: 'vm-1', automation: 'manual' })
    expect(estate.vm('vm-1').automation).toBe('manual')
    await estate.as('operator').vm.changeAutomation({ vmId: 'vm-1', automation: null })
    expect(estate.vm('vm-1').automation).toBeUndefined()
  })
})
