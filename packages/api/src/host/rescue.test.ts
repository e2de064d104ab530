import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Estate, refusalsOf } from '../testing/estate'

const hostId = 'host-1'

describe('fencing and vouching by the API', () => {
  let estate: Estate
  beforeEach(async () => {
    estate = await Estate.begin()
    const params = { ip: '10.9.0.1', password: 'x' }
    await estate.as('admin').fence.create({ hostId, name: 'board', agent: 'fence_fake', params })
  })
  afterEach(() => estate.control.stop())

  it('is for operators', async () => {
    const auditor = estate.as('auditor')
    const refused = {
      code: 'FORBIDDEN',
      refusals: [{ code: 'forbidden', role: 'auditor', needs: 'operator' }],
    }
    expect(await refusalsOf(auditor.host.fence({ hostId, confirmName: 'esx-1' }))).toEqual(refused)
    expect(await refusalsOf(auditor.host.confirmOff({ hostId, confirmName: 'esx-1' }))).toEqual(refused)
    expect(await refusalsOf(auditor.host.powerOn({ hostId }))).toEqual(refused)
    expect(await refusalsOf(auditor.host.endQuarantine({ hostId }))).toEqual(refused)
    await expect(auditor.host.planFence({ hostId })).resolves.toMatchObject({ levels: [['board']] })
  })

  it('names the VMs that die and where each comes up again, before anything is done', async () => {
    const operator = estate.as('operator')
    const shown = await operator.host.planFence({ hostId })
    expect(shown.vms.map(({ name }) => name)).toEqual(['web', 'db'])
    expect(shown.restarts.map(({ vm, target }) => [vm.name, target !== null])).toEqual([
      ['web', true],
      ['db', true],
    ])
    const { taskId, plan } = await operator.host.fence({ hostId, confirmName: '', dryRun: true })
    expect(taskId).toBeNull()
    expect(plan.steps.map(({ name }) => name)).toEqual(['power off', 'prove that it is off'])
    expect([estate.control.world.tables.task.size, estate.control.world.tables.incident.size]).toEqual([0, 0])
  })

  it('wants the name of the host, typed', async () => {
    const operator = estate.as('operator')
    const wrong = operator.host.fence({ hostId, confirmName: 'esx-2' })
    expect(await refusalsOf(wrong)).toEqual({
      code: 'BAD_REQUEST',
      refusals: [{ code: 'confirm_name', noun: 'host', name: 'esx-1' }],
    })
    expect(estate.host(hostId).state).toBe('connected')
    const { taskId } = await operator.host.fence({ hostId, confirmName: 'esx-1', reason: 'it smokes' })
    expect(estate.host(hostId).state).toBe('fencing')
    expect(estate.control.world.tables.task.get(taskId!)).toMatchObject({
      kind: 'host.fence',
      reason: 'it smokes',
      initiator: { kind: 'user', name: 'operator' },
    })
    const [incident] = await operator.incident.list()
    expect(incident).toMatchObject({ host: { name: 'esx-1' }, decision: 'Switch it off: it smokes.' })
    await expect(operator.incident.show({ incidentId: incident!.id })).resolves.toEqual(incident)
  })

  it('takes no word for a host that is heard, and names whoever gave it for one that is not', async () => {
    const operator = estate.as('operator')
    const vouch = () => operator.host.confirmOff({ hostId, confirmName: 'esx-1' })
    expect((await refusalsOf(vouch())).refusals).toMatchObject([{ code: 'host_heard' }])
    await estate.setHost(hostId, { state: 'suspect' })
    expect((await refusalsOf(vouch())).refusals).toMatchObject([{ problem: 'esx-1 is heard now' }])
    estate.control.world.live.delete(hostId)
    const unnamed = operator.host.confirmOff({ hostId, confirmName: 'esx' })
    expect((await refusalsOf(unnamed)).refusals).toMatchObject([{ code: 'confirm_name' }])
    await expect(vouch()).resolves.toEqual({ done: true })
    expect(estate.host(hostId)).toMatchObject({
      state: 'fenced',
      proof: { by: 'person', person: 'operator' },
    })
    const { events } = await operator.event.list({ kinds: ['host.confirmed_off'], limit: 5 })
    expect(events).toMatchObject([
      { body: { person: 'operator' }, initiator: { kind: 'user', name: 'operator' } },
    ])
  })

  it('shows what is known from all four sides', async () => {
    const shown = await estate.as('auditor').host.evidence({ hostId })
    expect(shown).toMatchObject({ host: { name: 'esx-1' }, finding: 'Its agent is heard.' })
    expect(shown.evidence.map(({ side }) => side)).toEqual(['agent', 'storage', 'power', 'peers'])
    expect((await refusalsOf(estate.as('auditor').host.evidence({ hostId: 'host-9' }))).code).toBe(
      'NOT_FOUND',
    )
  })
})
