import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Estate, refusalsOf } from '../testing/estate'

const clusterId = 'cluster-1'

describe('power saving by the API', () => {
  let estate: Estate
  beforeEach(async () => {
    estate = await Estate.begin()
  })
  afterEach(() => estate.control.stop())

  it('is set by admins, refused with the remedy, and rehearsed', async () => {
    const changes = { mode: 'full', minAwake: 1 } as const
    expect((await refusalsOf(estate.as('operator').cluster.changePower({ clusterId, changes }))).code).toBe(
      'FORBIDDEN',
    )
    const admin = estate.as('admin')
    const { refusals } = await refusalsOf(
      admin.cluster.changePower({ clusterId, changes: { fillTo: 0.9, wakeAbove: 0.5 } }),
    )
    expect(refusals).toEqual([expect.objectContaining({ field: 'wakeAbove' })])
    // Balancing is off: who is woken would stay empty.
    const warned = expect.objectContaining({
      text: expect.stringContaining('stays empty until somebody moves VMs'),
    })
    await expect(admin.cluster.changePower({ clusterId, changes, dryRun: true })).resolves.toMatchObject({
      done: false,
      conflicts: expect.arrayContaining([warned]),
    })
    expect(estate.control.world.tables.cluster.get(clusterId)!.power?.mode ?? 'off').toBe('off')
    await admin.cluster.changePower({ clusterId, changes })
    expect(estate.control.world.tables.cluster.get(clusterId)!.power).toMatchObject({
      ...changes,
      version: 2,
    })
    await expect(admin.cluster.changePower({ clusterId, changes: {} })).rejects.toThrow(/nothing to change/)
  })

  it('shows every host with why, and a ledger, to everybody', async () => {
    const page = await estate.as('auditor').cluster.power({ clusterId, days: 2 })
    expect(page.hosts.length).toBeGreaterThan(0)
    for (const host of page.hosts) expect(host.text).not.toBe('')
    expect(page.ledger).toMatchObject({ usedWh: expect.any(Number), savedWh: 0, by: 'model' })
    expect(page.ledger.toAt - page.ledger.fromAt).toBeGreaterThanOrEqual(2 * 86_400_000)
  })

  it('has the rules asked where neither heartbeats nor clicks wait for it', async () => {
    const rest = { diskReadBytesPerSecond: 0, diskWriteBytesPerSecond: 0, networkInBytesPerSecond: 0 }
    const usage = { cpu: 0.1, memoryUsedBytes: 2 ** 30, ...rest, networkOutBytesPerSecond: 0 }
    for (const live of estate.control.world.live.values()) live.usage = usage
    const plan = vi.spyOn(estate.control, 'plan')
    const { cluster } = estate.as('auditor')
    await cluster.power({ clusterId })
    await cluster.recommendations({ clusterId })
    await cluster.draftRules({ clusterId, rules: {} })
    expect(plan.mock.calls.map(([{ kind }]) => kind)).toEqual(['power', 'judge', 'judge'])
  })

  it('puts no host to sleep by hand that was never proven to wake, and says how to prove it', async () => {
    const operator = estate.as('operator')
    const { refusals } = await refusalsOf(operator.host.sleep({ hostId: 'host-1' }))
    expect(refusals).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ remedy: expect.stringContaining('--test') }),
        expect.objectContaining({ code: 'no_fence_device' }),
      ]),
    )
    expect((await refusalsOf(estate.as('auditor').host.sleep({ hostId: 'host-1' }))).code).toBe('FORBIDDEN')
    const { plan } = await operator.host.sleep({ hostId: 'host-1', dryRun: true })
    expect(plan.verdict.ok).toBe(false)
    expect((await refusalsOf(operator.host.wake({ hostId: 'host-1' }))).refusals).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: 'host_state' })]),
    )
  })

  it('keeps what a host draws by itself', async () => {
    const model = { idleWatts: 50, maxWatts: 90, asleepWatts: 2 }
    await estate.as('admin').host.changePowerModel({ hostId: 'host-1', model })
    const { world } = estate.control
    expect(world.tables.host.get('host-1')!.powerModel).toEqual(model)
    const { hosts } = await estate.as('auditor').cluster.power({ clusterId })
    expect(hosts.find(({ host }) => host.id === 'host-1')!.model).toEqual(model)
  })
})
