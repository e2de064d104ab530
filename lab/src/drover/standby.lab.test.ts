import { labImpossible } from '@drover/harness/system'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../run'
import type { ControlDaemon } from './control'
import { createInstallation, type Installation } from './installation'
import { hostsConnected } from './join'
import { Operator, said } from './operator'
import { createVm, type LabVm } from './vm'

/** How many heartbeats the daemon has taken in, by its own count. */
async function heartbeats(daemon: ControlDaemon): Promise<number> {
  const text = await (await fetch(`${daemon.url}/api/metrics`)).text()
  return Number(/^drover_heartbeat_seconds_count (\d+)/m.exec(text)?.[1] ?? 0)
}

describe.skipIf(labImpossible())('when parts of Drover are away', () => {
  let site: Installation
  let vm: LabVm
  let leader: ControlDaemon

  beforeAll(async () => {
    site = await createInstallation({ name: 'away', hosts: 2 })
    leader = site.control
    vm = await createVm(site.operator, { name: 'web', host: 'lab-1' })
    await site.lab.guests.waitFor(vm.address)
  })
  afterAll(() => site?.destroy())

  test('without the database, changes are refused with the reason, heartbeats go on, and all recovers', async () => {
    const { api } = site.operator
    const notes = (text: string) => api.mutate('vm.change', { vmId: vm.id, changes: { notes: text } })
    await site.postgres.crash()
    await until('it is noticed', 10_000, async () => (await leader.health())?.databaseAwaySince != null)
    const before = await heartbeats(leader)
    const awaySince = Date.now()
    await expect(notes('while it is away')).rejects.toThrow(/database cannot be reached/)
    // Longer than the lead lasts without being renewed.
    await until('eight seconds without it', 15_000, () => Date.now() - awaySince > 8_000, 200)
    expect((await heartbeats(leader)) - before).toBeGreaterThanOrEqual(12)
    await site.postgres.restart()
    await until('changes are accepted again', 15_000, () =>
      notes('it is back').then(
        () => true,
        () => false,
      ),
    )
    await until(
      'the note is there',
      5_000,
      async () => (await site.operator.vm('web')).notes === 'it is back',
    )
    await hostsConnected(site.operator, site.lab)
    await until(
      'all is said to be well',
      5_000,
      async () => (await leader.health())?.databaseAwaySince === null,
    )
    expect(await leader.health()).toMatchObject({ leading: true })
    expect(await api.query('event.verify')).toMatchObject({ ok: true })
    expect(said(await site.operator.do('vm.suspend', { vmId: vm.id }))).toContain('succeeded')
    expect(said(await site.operator.do('vm.resume', { vmId: vm.id }))).toContain('succeeded')
  })

  test('a standby takes over within ten seconds of the death of the leader', async () => {
    await site.postgres.restart()
    const standby = await site.anotherDaemon('control-2')
    standby.process.start()
    await until('it stands by', 20_000, async () => (await standby.health())?.leading === false)
    await expect(fetch(`${standby.url}/api/trpc/inventory.snapshot`).then((r) => r.status)).resolves.toBe(503)
    const { term } = (await leader.health())!

    await leader.process.end('SIGKILL')
    const diedAt = Date.now()
    await until('the standby leads', 20_000, async () => (await standby.health())?.leading)
    expect(Date.now() - diedAt).toBeLessThan(10_000)
    expect((await standby.health())!.term).toBeGreaterThan(term)

    const operator = new Operator(await standby.signIn())
    await hostsConnected(operator, site.lab, 20_000)
    expect(await operator.vm('web')).toMatchObject({ notes: 'it is back', power: 'running' })
    expect(said(await operator.do('vm.reset', { vmId: vm.id }))).toContain('succeeded')

    await leader.process.start()
    await until('the old one stands by', 20_000, async () => (await leader.health())?.leading === false)
  })
})
