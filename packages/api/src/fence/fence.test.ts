import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Estate, refusalsOf } from '../testing/estate'

const device = {
  hostId: 'host-1',
  name: 'ipmi-esx-1',
  agent: 'fence_fake',
  params: { ip: '10.9.0.1', password: 'opensesame' },
} as const

describe('fence devices by the API', () => {
  let estate: Estate
  beforeEach(async () => {
    estate = await Estate.begin()
  })
  afterEach(() => estate.control.stop())

  it('are defined by admins, tested by operators and read by auditors', async () => {
    const admin = estate.as('admin')
    for (const role of ['auditor', 'operator'] as const)
      expect(await refusalsOf(estate.as(role).fence.create(device))).toEqual({
        code: 'FORBIDDEN',
        refusals: [{ code: 'forbidden', role, needs: 'admin' }],
      })
    const { fenceId } = await admin.fence.create(device)
    const change = { fenceId: fenceId!, enabled: false }
    expect((await refusalsOf(estate.as('operator').fence.change(change))).code).toBe('FORBIDDEN')
    expect((await refusalsOf(estate.as('operator').fence.delete({ fenceId: fenceId! }))).code).toBe(
      'FORBIDDEN',
    )
    expect((await refusalsOf(estate.as('auditor').fence.test({ fenceId: fenceId! }))).code).toBe('FORBIDDEN')
    await expect(estate.as('operator').fence.test({ fenceId: fenceId! })).resolves.toMatchObject({
      ok: true,
      power: 'on',
    })
    await expect(estate.as('auditor').fence.list()).resolves.toHaveLength(1)
    await expect(estate.as('auditor').fence.agents()).resolves.toEqual(['fence_fake'])
    const { parameters } = await estate.as('auditor').fence.describe({ agent: 'fence_fake' })
    expect(parameters.filter(({ secret }) => secret).map(({ name }) => name)).toEqual(['password'])
  })

  it('give their secrets to the program that is run, and to nobody who asks', async () => {
    const admin = estate.as('admin')
    const { fenceId } = await admin.fence.create(device)
    estate.answer = { power: 'unknown', message: 'no entry with opensesame' }
    const answers: unknown[] = [await admin.fence.test({ fenceId: fenceId! })]
    await admin.fence.change({ fenceId: fenceId!, params: { ip: '10.9.0.2', password: 'sesame street' } })
    estate.answer = { power: 'unknown', message: 'no entry with sesame street' }
    answers.push(await admin.fence.test({ fenceId: fenceId! }))
    expect(estate.runs.map(({ target }) => target.params.password)).toContain('opensesame')
    expect(estate.runs.at(-1)!.target.params).toEqual({ ip: '10.9.0.2', password: 'sesame street' })
    const stored = JSON.stringify(estate.control.world.tables.fence.get(fenceId!))
    answers.push(
      await admin.fence.list(),
      await admin.inventory.snapshot(),
      await admin.event.list({ limit: 100 }),
      await admin.host.evidence({ hostId: 'host-1' }),
    )
    const said = JSON.stringify(answers)
    for (const secret of ['opensesame', 'sesame street']) {
      for (const text of [secret, Buffer.from(secret).toString('hex')]) expect(said).not.toContain(text)
      expect(stored).not.toContain(secret)
    }
    expect(said).toContain('"password":""')
    expect(said).toContain('10.9.0.2')
  })

  it('keep a secret that is not entered again', async () => {
    const admin = estate.as('admin')
    const { fenceId } = await admin.fence.create(device)
    await admin.fence.change({ fenceId: fenceId!, params: { ip: '10.9.0.2' } })
    await admin.fence.change({ fenceId: fenceId!, params: { ip: '10.9.0.3', password: '' } })
    await admin.fence.test({ fenceId: fenceId! })
    expect(estate.runs.at(-1)!.target.params).toEqual({ ip: '10.9.0.3', password: 'opensesame' })
  })

  it('are refused with every parameter that is wrong, by the metadata of the program', async () => {
    const params = { ips: '10.9.0.1', password: '', privlvl: 'root' }
    const { code, refusals } = await refusalsOf(estate.as('admin').fence.create({ ...device, params }))
    expect(code).toBe('BAD_REQUEST')
    expect(refusals).toEqual([
      expect.objectContaining({ field: 'ips', remedy: expect.stringContaining('did you mean ip?') }),
      expect.objectContaining({
        field: 'privlvl',
        problem: 'privlvl must be one of user, administrator, not "root"',
        remedy: 'Choose one of user, administrator.',
      }),
      expect.objectContaining({ field: 'ip', problem: 'fence_fake needs ip', remedy: 'Enter ip.' }),
      expect.objectContaining({ field: 'password', remedy: 'Enter password.' }),
    ])
    expect(estate.control.world.tables.fence.size).toBe(0)
  })

  it('are refused for what no program would do', async () => {
    const admin = estate.as('admin')
    expect(await refusalsOf(admin.fence.create({ ...device, agent: 'fence_none' }))).toMatchObject({
      refusals: [{ field: 'agent', remedy: expect.stringContaining('Install the package fence-agents') }],
    })
    expect(await refusalsOf(admin.fence.create({ ...device, viaHostId: 'host-1' }))).toMatchObject({
      refusals: [{ field: 'viaHostId', remedy: 'Choose another host, or control.' }],
    })
    await expect(admin.fence.create({ ...device, level: 0 })).rejects.toThrow(
      /Give 1, which is tried first, to 9/,
    )
    await expect(admin.fence.create({ ...device, dryRun: true })).resolves.toEqual({
      done: false,
      fenceId: null,
    })
    await expect(admin.fence.create({ ...device })).resolves.toMatchObject({ done: true })
    expect((await refusalsOf(admin.fence.create(device))).refusals).toMatchObject([{ code: 'name_taken' }])
  })
})
