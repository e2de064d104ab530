import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Estate, refusalsOf } from '../testing/estate'

const hostId = 'host-1'

describe('taking a host out of service by the API', () => {
  let estate: Estate
  beforeEach(async () => {
    estate = await Estate.begin()
  })
  afterEach(() => estate.control.stop())

  const tasks = () => estate.control.world.tables.task.size

  it('is for operators; auditors see the plan', async () => {
    const auditor = estate.as('auditor')
    const shutdown = { hostId, guests: 'evacuate', confirmName: 'esx-1' } as const
    for (const asked of [
      auditor.host.evacuate({ hostId }),
      auditor.host.enterMaintenance({ hostId }),
      auditor.host.exitMaintenance({ hostId }),
      auditor.host.shutdown(shutdown),
      auditor.cluster.roll({ clusterId: 'cluster-1', action: 'nothing' }),
    ])
      expect((await refusalsOf(asked)).code).toBe('FORBIDDEN')
    const plan = await auditor.host.planEvacuation({ hostId })
    expect(plan).toMatchObject({ complete: true, moves: [{ method: 'live' }, { method: 'live' }] })
  })

  it('says on a dry run what would happen, and changes nothing', async () => {
    const operator = estate.as('operator')
    const dryRun = true
    const evacuate = await operator.host.evacuate({ hostId, dryRun })
    expect(evacuate.evacuation.moves.map(({ vm }) => vm.name).sort()).toEqual(['db', 'web'])
    const enter = await operator.host.enterMaintenance({ hostId, dryRun })
    expect(enter.plan.steps.map(({ name }) => name)).toEqual(['evacuate', 'enter maintenance'])
    const off = { hostId, confirmName: '', dryRun } as const
    const held = await operator.host.shutdown({ ...off, guests: 'hold', reboot: true })
    expect(held.plan.steps.map(({ name }) => name)).toEqual([
      'shut the guests down',
      'shut the host down',
      'wait for its agent',
      'start the guests',
    ])
    const roll = await operator.cluster.roll({ clusterId: 'cluster-1', action: 'reboot', dryRun })
    expect(roll.rolling).toMatchObject({ hosts: [{}, {}, {}], width: 1, refusals: [] })
    for (const { taskId } of [evacuate, enter, held, roll]) expect(taskId).toBeNull()
    expect([tasks(), estate.host(hostId).mode]).toEqual([0, 'normal'])
  })

  it('says on a dry run what stands against it', async () => {
    for (const id of ['host-2', 'host-3'] as const) await estate.setHost(id, { mode: 'maintenance' })
    const { plan, evacuation } = await estate.as('operator').host.evacuate({ hostId, dryRun: true })
    expect(plan.verdict).toMatchObject({
      ok: false,
      refusals: [{ code: 'blockers', host: { name: 'esx-1' } }],
    })
    expect(evacuation.complete).toBe(false)
    expect(evacuation.moves.every(({ blockers }) => blockers.length > 0)).toBe(true)
    const refused = await refusalsOf(estate.as('operator').host.evacuate({ hostId }))
    expect(refused).toMatchObject({ code: 'PRECONDITION_FAILED', refusals: [{ code: 'blockers' }] })
    expect(tasks()).toBe(0)
  })

  it('does what was approved, and tells what changed when that no longer fits', async () => {
    const operator = estate.as('operator')
    const { fingerprint } = await operator.host.planEvacuation({ hostId })
    await estate.setHost('host-2', { mode: 'maintenance' })
    await estate.setHost('host-3', { mode: 'maintenance' })
    const { refusals } = await refusalsOf(operator.host.enterMaintenance({ hostId, fingerprint }))
    expect(refusals).toMatchObject([{ code: 'plan_changed', host: { name: 'esx-1' } }])
    const { what } = refusals[0] as { what: string[] }
    expect(what.join(' ')).toContain('esx-2')
    await estate.setHost('host-2', { mode: 'normal' })
    await estate.setHost('host-3', { mode: 'normal' })
    const done = await operator.host.enterMaintenance({ hostId, fingerprint, reason: 'new fans' })
    expect(done.evacuation.fingerprint).toBe(fingerprint)
    expect(estate.host(hostId)).toMatchObject({ mode: 'entering', modeReason: 'new fans' })
  })

  it('wants the name of a host that is shut down', async () => {
    const shutdown = { hostId, guests: 'failover', confirmName: 'esx' } as const
    expect((await refusalsOf(estate.as('operator').host.shutdown(shutdown))).refusals).toEqual([
      { code: 'confirm_name', noun: 'host', name: 'esx-1' },
    ])
    const guests = 'perhaps' as never
    await expect(estate.as('operator').host.shutdown({ ...shutdown, guests })).rejects.toThrow(
      /evacuate, failover/,
    )
  })
})
