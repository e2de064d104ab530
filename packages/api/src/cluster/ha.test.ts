import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Estate, refusalsOf } from '../testing/estate'

const clusterId = 'cluster-1'

describe('high availability of a cluster by the API', () => {
  let estate: Estate
  beforeEach(async () => {
    estate = await Estate.begin()
  })
  afterEach(() => estate.control.stop())

  const ha = () => estate.control.world.tables.cluster.get(clusterId)!.ha

  async function addDevice() {
    const params = { ip: '10.9.0.1', password: 'x' }
    const device = { hostId: 'host-1', name: 'board', agent: 'fence_fake', params } as const
    return (await estate.as('admin').fence.create(device)).fenceId!
  }

  it('is set by admins, and what is left out stays', async () => {
    const changes = { storm: { hosts: 3 }, suspectMs: 2_000 }
    expect((await refusalsOf(estate.as('operator').cluster.changeHa({ clusterId, changes }))).code).toBe(
      'FORBIDDEN',
    )
    const admin = estate.as('admin')
    await expect(admin.cluster.changeHa({ clusterId, changes, dryRun: true })).resolves.toEqual({
      done: false,
    })
    expect(ha().suspectMs).toBe(3_000)
    await admin.cluster.changeHa({ clusterId, changes })
    expect(ha()).toMatchObject({ suspectMs: 2_000, decideMs: 8_000, storm: { hosts: 3, share: 0.5 } })
  })

  it('says who disarmed it and why, until it is armed again', async () => {
    const admin = estate.as('admin')
    await admin.cluster.changeHa({ clusterId, changes: { mode: 'hold' }, reason: 'new switches' })
    expect(ha()).toMatchObject({ mode: 'hold', modeReason: 'admin: new switches' })
    await admin.cluster.changeHa({ clusterId, changes: { mode: 'armed' } })
    expect(ha()).toMatchObject({ mode: 'armed', modeReason: null })
  })

  it('refuses every setting that cannot be, with what it may be', async () => {
    const changes = { suspectMs: 20_000, leaseMs: 500, startsPerHost: 0, referenceAddresses: ['router'] }
    const { refusals } = await refusalsOf(estate.as('admin').cluster.changeHa({ clusterId, changes }))
    expect(refusals).toEqual([
      expect.objectContaining({ field: 'leaseMs', remedy: 'Give 10 to 3600 s.' }),
      expect.objectContaining({ field: 'startsPerHost', remedy: 'Give 1 to 100.' }),
      expect.objectContaining({ field: 'decideMs', remedy: 'Give more than suspectMs.' }),
      expect.objectContaining({ field: 'referenceAddresses', problem: '"router" is no address' }),
    ])
    await expect(estate.as('admin').cluster.changeHa({ clusterId, changes: {} })).rejects.toThrow(
      /nothing to change/,
    )
  })

  it('answers what would come of a failure', async () => {
    const auditor = estate.as('auditor')
    const ask = () => auditor.cluster.whatIf({ hostIds: ['host-1'] })
    const before = await ask()
    expect(before).toMatchObject({ lost: { hosts: [{ name: 'esx-1' }], datastores: [] }, restarted: 0 })
    expect(before.warnings.join(' ')).toContain('A person must confirm that esx-1 is off')
    await addDevice()
    const answer = await ask()
    expect(answer).toMatchObject({ restarted: 2, notRestarted: 0 })
    expect(answer.vms.map(({ vm, target, why }) => [vm.name, target?.name !== 'esx-1', why])).toEqual([
      ['web', true, []],
      ['db', true, []],
    ])
    expect(answer.stages.map(({ name }) => name).slice(0, 3)).toEqual(['suspect', 'decided', 'proven off'])
    expect(answer.allRunningMs).toBeGreaterThan(8_000)
    expect((await refusalsOf(auditor.cluster.whatIf({}))).refusals).toMatchObject([
      { field: 'hostIds', remedy: 'Name a host or a datastore.' },
    ])
    expect((await refusalsOf(auditor.cluster.whatIf({ hostIds: ['host-9'] }))).code).toBe('NOT_FOUND')
  })

  it('answers which failures are survivable, and how sure a death could be proven', async () => {
    const auditor = estate.as('auditor')
    const failover = await auditor.cluster.failover({ clusterId })
    expect(failover).toMatchObject({ ok: true, tolerates: 2, hosts: 3, worst: null })
    expect(failover.text).toContain('blue')
    const before = await auditor.cluster.readiness({ clusterId })
    expect(before.hosts[0]).toMatchObject({ host: { name: 'esx-1' }, score: 20 })
    expect(before.hosts[0]!.missing.join(' ')).toContain('No fence device: add one.')
    const fenceId = await addDevice()
    await estate.as('admin').fence.test({ fenceId })
    const after = await auditor.cluster.readiness({ clusterId })
    expect(after.hosts[0]!.score).toBe(90)
    expect(after.score).toBeGreaterThan(before.score)
    expect((await refusalsOf(auditor.cluster.failover({ clusterId: 'cluster-9' }))).code).toBe('NOT_FOUND')
  })

  it('refuses a power-on that would leave too little for failures, with the numbers', async () => {
    const admission = { by: 'share', reservedShare: 0.99, action: 'refuse' } as const
    await estate.as('admin').cluster.changeHa({ clusterId, changes: { admission } })
    await estate.put({
      table: 'vm',
      id: 'vm-2',
      row: { ...estate.vm('vm-2'), power: 'off', desired: 'stopped' },
    })
    const { refusals } = await refusalsOf(estate.as('operator').vm.start({ vmId: 'vm-2' }))
    expect(refusals).toMatchObject([{ code: 'failover_short', cluster: { name: 'blue' } }])
    expect((refusals[0] as { sentence: string }).sentence).toMatch(
      /With db running, blue would have .* of memory free/,
    )
  })
})

describe('how a VM is looked after', () => {
  let estate: Estate
  beforeEach(async () => {
    estate = await Estate.begin()
  })
  afterEach(() => estate.control.stop())

  it('is said by operators', async () => {
    const operator = estate.as('operator')
    const change = { vmId: 'vm-1', ha: { tier: 1, isolation: 'powerOff' } } as const
    expect((await refusalsOf(estate.as('auditor').vm.changeHa(change))).code).toBe('FORBIDDEN')
    await operator.vm.changeHa(change)
    expect(estate.vm('vm-1').ha).toMatchObject({ tier: 1, isolation: 'powerOff', restart: 'protected' })
    await expect(operator.vm.changeHa({ vmId: 'vm-1', ha: { tier: 9 as 1 } })).rejects.toThrow(
      /Give 1, which starts first, to 5/,
    )
    const want = { vmId: 'vm-1', desired: 'stopped' } as const
    expect((await refusalsOf(estate.as('auditor').vm.setDesired(want))).code).toBe('FORBIDDEN')
    await operator.vm.setDesired(want)
    expect(estate.vm('vm-1')).toMatchObject({ desired: 'stopped', power: 'running' })
  })
})
