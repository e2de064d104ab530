import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Connection } from '../connection'
import type { EventOf } from '../event/table'
import { guestXml } from '../testing/guest'
import { findLibvirt, type PrivateLibvirtd, startLibvirtd } from '../testing/libvirtd'
import { fields, virsh } from '../testing/virsh'
import { MIGRATE } from './constants'

const libvirt = findLibvirt()
if (!libvirt.available) console.warn(`Tests with a real libvirtd are skipped: ${libvirt.missing}`)

const UUID = '11111111-2222-4333-8444-000000000001'
const MOVE = MIGRATE.live | MIGRATE.persistDestination | MIGRATE.undefineSource
/** Both ends are this machine, whose name may lead nowhere. */
const WAY = { uri: 'tcp://127.0.0.1' }

/** Two daemons that take each other for two hosts, because their host_uuid differs. */
describe.skipIf(!libvirt.available)('peer-to-peer migration', () => {
  const daemons: PrivateLibvirtd[] = []
  let source: Connection
  /** For the call that is as long as the migration. */
  let mover: Connection
  let target: Connection
  let there: string

  beforeAll(async () => {
    const hostUuid = (n: number) => `host_uuid = "00000000-0000-4000-8000-00000000000${n}"\n`
    daemons.push(...(await Promise.all([1, 2].map((n) => startLibvirtd({ config: () => hostUuid(n) })))))
    source = await daemons[0]!.connect()
    mover = await daemons[0]!.connect()
    target = await daemons[1]!.connect()
    there = `qemu+unix:///session?socket=${daemons[1]!.socketPath}`
    // The first question makes libvirt probe QEMU, which is not what is measured here.
    await Promise.all([source, target].map((host) => host.host.domainCapabilities({ virtType: 'qemu' })))
  })
  afterEach(async () => {
    for (const host of [source, target]) {
      for (const domain of await host.domain.list()) {
        if (await host.domain.isActive(domain)) await host.domain.destroy(domain)
        await host.domain.undefine(domain).catch(() => undefined)
      }
    }
  })
  afterAll(async () => {
    for (const connection of [source, mover, target]) await connection?.close()
    await Promise.all(daemons.map((daemon) => daemon.stop()))
  })

  const define = (memoryMib = 64) => source.domain.define(guestXml({ name: 'guest', uuid: UUID, memoryMib }))

  test('live: the domain runs there, events and statistics tell how it went', async () => {
    const passes: number[] = []
    const completed: EventOf<'jobCompleted'>[] = []
    const arrived: string[] = []
    await source.on('migrationIteration', (event) => passes.push(event.iteration))
    await source.on('jobCompleted', (event) => completed.push(event))
    await target.on('lifecycle', (event) => arrived.push(`${event.event} ${event.detail}`))

    const domain = await source.domain.create(await define())
    const name = 'moved'
    await mover.migration.migrate(domain, there, MOVE | MIGRATE.parallel, {
      ...WAY,
      destinationName: name,
      bandwidthMibps: 200,
      parallelConnections: 2,
    })

    expect(await source.domain.list()).toEqual([])
    const [moved] = await target.domain.list()
    expect(moved).toMatchObject({ name, uuid: UUID })
    expect(await target.domain.state(moved!)).toMatchObject({ state: 'running', reason: 'migrated' })
    expect(await target.domain.isPersistent(moved!)).toBe(true)
    expect(arrived).toEqual(expect.arrayContaining(['started migrated', 'resumed migrated']))
    await expect.poll(() => completed).toHaveLength(1)
    expect(completed[0]?.operation).toBe('migration_out')
    expect(completed[0]?.stats.downtime).toBeGreaterThan(0)
    expect(passes[0]).toBe(1)

    const said = fields(await virsh(daemons[1]!, 'domjobinfo', name, '--completed', '--keep-completed'))
    const job = await target.migration.job(moved!, { completed: true, keep: true })
    expect(job).toMatchObject({ type: 'completed', operation: 'migration_in' })
    expect(said).toMatchObject({
      'Job type': 'Completed',
      Operation: 'Incoming migration',
      'Total downtime': expect.stringContaining(`${job.stats.downtime}`),
      'Time elapsed': expect.stringContaining(`${job.stats.time_elapsed}`),
    })
    await target.migration.job(moved!, { completed: true })
    // Asked without `keep`, it is told once.
    expect(await target.migration.job(moved!, { completed: true })).toMatchObject({ type: 'none' })
  })

  test('can be slowed down, watched and cancelled; the domain stays', async () => {
    const domain = await source.domain.create(await define(2048))
    const slow = { ...WAY, bandwidthMibps: 1 }
    const outcome = mover.migration.migrate(domain, there, MOVE, slow).catch((error: unknown) => error)
    const progress = async () => (await source.migration.job(domain)).stats.memory_processed ?? 0
    await expect.poll(progress, { timeout: 20_000, interval: 50 }).toBeGreaterThan(0)
    const job = await source.migration.job(domain)
    expect(job).toMatchObject({ type: 'unbounded', operation: 'migration_out' })
    expect(job.stats.memory_total).toBeGreaterThan(2048 * 1024 * 1024)
    await source.migration.setMaxSpeed(domain, 2)
    expect(await source.migration.maxSpeedMibps(domain)).toBe(2)
    await source.migration.setMaxDowntime(domain, 120)
    expect(await source.migration.maxDowntimeMs(domain)).toBe(120)
    // Only a migration that began with MIGRATE.postCopy may go on as one.
    await expect(source.migration.startPostCopy(domain)).rejects.toMatchObject({
      codeName: 'operation_invalid',
      message: expect.stringContaining('post-copy'),
    })
    await source.migration.abort(domain)
    expect(await outcome).toMatchObject({ codeName: 'operation_aborted' })
    expect(await source.domain.state(domain)).toMatchObject({ state: 'running' })
    expect(await target.domain.list()).toEqual([])
  })

  test('of a domain that is off: only the definition goes', async () => {
    const domain = await define()
    const flags = MIGRATE.offline | MIGRATE.persistDestination | MIGRATE.undefineSource
    await mover.migration.migrate(domain, there, flags)
    expect(await source.domain.list()).toEqual([])
    const [moved] = await target.domain.list()
    expect(moved).toMatchObject({ name: 'guest', uuid: UUID, id: -1 })
  })

  test('with nonsense is refused with the reason', async () => {
    const domain = await source.domain.create(await define())
    const tuned = mover.migration.migrate(domain, there, MOVE, { ...WAY, parallelConnections: 2 })
    await expect(tuned).rejects.toMatchObject({ codeName: 'invalid_arg', procedure: 'migrate domain' })
    const nowhere = mover.migration.migrate(domain, 'qemu+tcp://127.0.0.1:1/session', MOVE, WAY)
    await expect(nowhere).rejects.toMatchObject({ name: 'LibvirtError' })
    expect(await source.migration.job(domain)).toMatchObject({ type: 'none' })
    await expect(source.migration.abort(domain)).rejects.toMatchObject({ codeName: 'operation_invalid' })
  })
})
