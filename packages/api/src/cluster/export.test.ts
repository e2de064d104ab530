import { afterEach, beforeEach, expect, it } from 'vitest'
import { Estate } from '../testing/estate'

let estate: Estate
beforeEach(async () => {
  estate = await Estate.begin()
})
afterEach(() => estate.control.stop())

it('has all that planning goes by, and neither secrets nor addresses', async () => {
  const [cluster] = estate.control.world.tables.cluster.values()
  const file = await estate.as('auditor').cluster.export({ clusterId: cluster!.id })
  expect(file).toMatchObject({ format: 'drover-cluster/1', cluster: { name: cluster!.name } })
  expect(file.hosts).toHaveLength(3)
  expect(file.hosts[0]).toMatchObject({ accepts: true, closed: null, networks: expect.any(Array) })
  expect(file.hosts[0]!.datastores).not.toEqual([])
  const on = (name: string) => file.vms.find((vm) => vm.name === name)
  expect(on('web')).toMatchObject({ host: file.hosts[0]!.id, fixed: expect.anything(), desired: 'running' })
  const text = JSON.stringify(file)
  for (const { address } of estate.control.world.tables.host.values())
    expect(text).not.toContain(JSON.stringify(address))
  for (const word of ['"address"', '"publicKey"', '"mac"', '"sealed', '"params"', '"uuid"'])
    expect(text).not.toContain(word)
  // It is read again as what it was written.
  expect(JSON.parse(text)).toEqual(file)
})
