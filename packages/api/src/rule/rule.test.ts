import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Estate, refusalsOf } from '../testing/estate'

const apart = {
  clusterId: 'cluster-1',
  name: 'apart',
  kind: 'vm-vm',
  relation: 'apart',
  vmIds: ['vm-1', 'vm-2'],
} as const

describe('rules by the API', () => {
  let estate: Estate
  beforeEach(async () => {
    estate = await Estate.begin()
  })
  afterEach(() => estate.control.stop())

  const input = { ...apart, vmIds: [...apart.vmIds] }

  it('are made, changed and removed by admins', async () => {
    const operator = estate.as('operator')
    expect((await refusalsOf(operator.rule.create(input))).code).toBe('FORBIDDEN')
    const { ruleId } = await estate.as('admin').rule.create(input)
    expect(
      (await refusalsOf(operator.rule.change({ ruleId: ruleId!, changes: { enabled: false } }))).code,
    ).toBe('FORBIDDEN')
    expect((await refusalsOf(operator.rule.delete({ ruleId: ruleId! }))).code).toBe('FORBIDDEN')
    const [listed] = await estate.as('auditor').rule.list()
    expect(listed!.sentence).toContain('web and db')
    expect(listed!.broken).toContain('esx-1')
    await estate.as('admin').rule.change({ ruleId: ruleId!, changes: { enabled: false } })
    await estate.as('admin').rule.delete({ ruleId: ruleId! })
    await expect(operator.rule.list()).resolves.toEqual([])
  })

  it('are refused when they cannot hold beside the others, with what would resolve it', async () => {
    const admin = estate.as('admin')
    const { ruleId } = await admin.rule.create(input)
    const together = { ...input, name: 'together', relation: 'together' } as const
    const { refusals } = await refusalsOf(admin.rule.create(together))
    expect(refusals[0]).toMatchObject({
      code: 'rule_conflict',
      sentence: expect.stringContaining('on different hosts'),
    })
    expect((refusals[0] as { remedy: string }).remedy.length).toBeGreaterThan(10)
    const asked = await estate.as('auditor').rule.conflicts(together)
    expect(asked.refusals).toEqual(refusals)
    expect(asked.text).toContain('on different hosts')
    const instead = await estate.as('auditor').rule.conflicts({ ...together, ruleId })
    expect(instead.refusals).toEqual([])
    expect((await refusalsOf(admin.rule.create({ ...together, dryRun: true }))).refusals).toEqual(refusals)
    expect(estate.control.world.tables.rule.size).toBe(1)
  })

  it('name what is wrong with them', async () => {
    const admin = estate.as('admin')
    expect((await refusalsOf(admin.rule.create({ ...input, vmIds: ['vm-1'] }))).refusals[0]).toMatchObject({
      code: 'invalid',
      field: 'vmIds',
    })
    const onNothing = { ...input, kind: 'vm-host', relation: 'on' } as const
    expect((await refusalsOf(admin.rule.create(onNothing))).refusals[0]).toMatchObject({ field: 'hosts' })
    await expect(admin.rule.create({ ...input, vmIds: ['host-1' as never] })).rejects.toThrow(/id of a VM/)
  })
})
