import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Connection } from '../connection'
import { DeadlineError } from '../errors'
import type { EventOf } from '../event/table'
import type { Domain } from '../protocol/wire'
import { guestXml } from '../testing/guest'
import { findLibvirt, type PrivateLibvirtd, startLibvirtd } from '../testing/libvirtd'
import { fields, virsh } from '../testing/virsh'
import {
  ADDRESS_SOURCE,
  AFFECT,
  DESTROY,
  DOMAIN_XML,
  LIST_DOMAINS,
  MAXIMUM,
  SAVE,
  START,
  STATS_GROUPS,
  STATS_OF,
  UNDEFINE,
} from './constants'

const libvirt = findLibvirt()
if (!libvirt.available) console.warn(`Tests with a real libvirtd are skipped: ${libvirt.missing}`)

const uuid = (n: number) => `11111111-2222-4333-8444-${String(n).padStart(12, '0')}`

describe.skipIf(!libvirt.available)('domains', () => {
  let libvirtd: PrivateLibvirtd
  let connection: Connection

  beforeAll(async () => {
    libvirtd = await startLibvirtd()
    connection = await libvirtd.connect()
  })
  afterEach(async () => {
    const cleanUp = async (domain: Domain) => {
      if (await connection.domain.isActive(domain)) await connection.domain.destroy(domain)
      const persistent = await connection.domain.isPersistent(domain).catch(() => false)
      if (persistent) await connection.domain.undefine(domain, UNDEFINE.managedSave)
    }
    await Promise.all((await connection.domain.list()).map(cleanUp))
  })
  afterAll(async () => {
    await connection?.close()
    await libvirtd?.stop()
  })

  const define = (n: number, options = {}) =>
    connection.domain.define(guestXml({ name: `guest-${n}`, uuid: uuid(n), ...options }))

  test('are defined, listed, looked up and forgotten', async () => {
    const first = await define(1)
    const second = await connection.domain.create(await define(2))
    expect(first).toEqual({ name: 'guest-1', uuid: uuid(1), id: -1 })
    expect(second.id).toBeGreaterThan(0)

    const names = (await connection.domain.list()).map(({ name }) => name).sort()
    expect(names).toEqual((await virsh(libvirtd, 'list', '--all', '--name')).split('\n').sort())
    expect(names).toEqual(['guest-1', 'guest-2'])
    expect(await connection.domain.list(LIST_DOMAINS.active)).toEqual([second])
    expect(await connection.domain.byName('guest-1')).toEqual(first)
    expect(await connection.domain.byUuid(uuid(2))).toEqual(second)
    expect(await connection.domain.byId(second.id)).toEqual(second)

    await connection.domain.undefine({ uuid: uuid(1) })
    await expect(connection.domain.byUuid(uuid(1))).rejects.toMatchObject({ codeName: 'no_domain' })
    await expect(connection.domain.state(first)).rejects.toMatchObject({ codeName: 'no_domain' })
    await expect(define(2, { name: 'other' })).rejects.toMatchObject({ codeName: 'operation_failed' })
    await expect(connection.domain.define('<domain')).rejects.toMatchObject({ codeName: 'xml_detail' })
  })

  test('are started, paused, resumed, reset, saved, restored and destroyed, with events', async () => {
    const events: EventOf<'lifecycle'>[] = []
    const stop = await connection.on('lifecycle', (event) => events.push(event))
    const domain = await connection.domain.create(await define(1), START.paused)
    expect(await connection.domain.state(domain)).toMatchObject({ state: 'paused', reason: 'user' })
    await connection.domain.resume(domain)
    expect(await connection.domain.state(domain)).toMatchObject({ state: 'running', reason: 'unpaused' })
    await expect(connection.domain.create(domain)).rejects.toMatchObject({ codeName: 'operation_invalid' })
    await connection.domain.suspend(domain)
    await connection.domain.resume(domain)
    await connection.domain.reset(domain)
    // The BIOS does not listen to the power button, but the request itself is taken.
    await connection.domain.shutdown(domain)
    await connection.domain.reboot(domain)
    await connection.domain.managedSave(domain, SAVE.running)
    expect(await connection.domain.hasManagedSave(domain)).toBe(true)
    expect(await connection.domain.state(domain)).toMatchObject({ state: 'shutoff', reason: 'saved' })
    await connection.domain.create(domain)
    expect(await connection.domain.state(domain)).toMatchObject({ state: 'running' })
    expect(await connection.domain.hasManagedSave(domain)).toBe(false)
    await connection.domain.managedSave(domain)
    await connection.domain.managedSaveRemove(domain)
    expect(await connection.domain.hasManagedSave(domain)).toBe(false)
    await connection.domain.create(domain)
    await connection.domain.destroy(domain, DESTROY.graceful)
    expect(await connection.domain.state(domain)).toMatchObject({ state: 'shutoff', reason: 'destroyed' })
    await stop()

    const seen = events.filter((event) => event.domain.uuid === uuid(1)).map((e) => `${e.event} ${e.detail}`)
    expect(seen[0]).toBe('defined added')
    expect(seen).toEqual(
      expect.arrayContaining([
        'started booted',
        'suspended paused',
        'resumed unpaused',
        'stopped saved',
        'started restored',
        'stopped destroyed',
      ]),
    )
    expect(seen.at(-1)).toBe('stopped destroyed')
  })

  test('report the same events as virsh, in the same order', async () => {
    const events: string[] = []
    const stop = await connection.on('lifecycle', ({ domain, event, detail }) =>
      events.push(`${domain.name} ${event} ${detail}`),
    )
    let listening = true
    const oracle = virsh(libvirtd, 'event', '--event', 'lifecycle', '--loop', '--timeout', '2').finally(
      () => {
        listening = false
      },
    )
    // Events of which each is unlike any other, for as long as virsh listens: it begins when it likes.
    for (let n = 0; listening; n++) await connection.domain.undefine(await define(n))
    const said = (await oracle)
      .split('\n')
      .map((line) => /event 'lifecycle' for domain '(.+?)': (\w+) (\w+)/.exec(line))
      .filter((match) => match !== null)
      .map(([, name, event, detail]) => `${name} ${event} ${detail}`.toLowerCase())
    await stop()
    expect(said.length).toBeGreaterThan(10)
    expect(events.join('\n')).toContain(said.join('\n'))
  })

  test('have the info, XML and statistics that virsh prints', async () => {
    const domain = await connection.domain.create(await define(1, { memoryMib: 96, vcpus: 2 }))
    const info = await connection.domain.info(domain)
    expect(fields(await virsh(libvirtd, 'dominfo', 'guest-1'))).toMatchObject({
      Id: `${domain.id}`,
      UUID: uuid(1),
      State: info.state,
      'CPU(s)': `${info.vcpus}`,
      'Max memory': `${info.maxMemoryKib} KiB`,
      'Used memory': `${info.memoryKib} KiB`,
    })
    expect(info).toMatchObject({ state: 'running', vcpus: 1, maxMemoryKib: 96 * 1024 })
    expect(await connection.domain.xml(domain)).toBe(`${await virsh(libvirtd, 'dumpxml', 'guest-1')}\n`)
    const inactive = await connection.domain.xml(domain, DOMAIN_XML.inactive)
    expect(inactive).toBe(`${await virsh(libvirtd, 'dumpxml', '--inactive', 'guest-1')}\n`)

    // A guest that stands still has statistics that stand still.
    await connection.domain.suspend(domain)
    const groups = STATS_GROUPS.state | STATS_GROUPS.balloon | STATS_GROUPS.vcpu | STATS_GROUPS.block
    const [record] = await connection.domain.stats({ groups, flags: STATS_OF.active | STATS_OF.noWait })
    const oracle = await virsh(libvirtd, 'domstats', '--state', '--balloon', '--vcpu', '--block', 'guest-1')
    const said = Object.fromEntries(
      oracle
        .split('\n')
        .slice(1)
        .map((line) => line.trim().split('=') as [string, string]),
    )
    expect(record?.domain).toEqual(domain)
    const asText = Object.fromEntries(
      Object.entries(record?.stats ?? {}).map(([name, value]) => [name, `${value}`]),
    )
    // virsh and we ask one after the other: waiting time goes on meanwhile.
    const steady = ([name]: [string, string]) => !/\.(wait|delay|time|rss)$|rss/.test(name)
    expect(Object.fromEntries(Object.entries(asText).filter(steady))).toEqual(
      Object.fromEntries(Object.entries(said).filter(steady)),
    )
    expect(Object.keys(asText).sort()).toEqual(Object.keys(said).sort())
    expect(record?.stats).toMatchObject({ 'state.state': 3, 'balloon.maximum': 96 * 1024, 'vcpu.maximum': 2 })

    expect(
      await connection.domain.stats({ domains: [{ uuid: uuid(1) }], groups: STATS_GROUPS.state }),
    ).toEqual([{ domain, stats: { 'state.state': 3, 'state.reason': 1 } }])
  })

  test('are changed: CPUs, memory, title, metadata, name, autostart', async () => {
    const domain = await define(1, { memoryMib: 128, vcpus: 2 })
    await connection.domain.setVcpus(domain, 4, AFFECT.config | MAXIMUM)
    await connection.domain.setVcpus(domain, 3, AFFECT.config)
    await connection.domain.setMemory(domain, 256 * 1024, AFFECT.config | MAXIMUM)
    await connection.domain.setMemory(domain, 192 * 1024, AFFECT.config)
    expect(await connection.domain.info(domain)).toMatchObject({
      vcpus: 3,
      memoryKib: 192 * 1024,
      maxMemoryKib: 256 * 1024,
    })
    await connection.domain.setMaxMemory(domain, 300 * 1024)
    expect(await connection.domain.info(domain)).toMatchObject({ maxMemoryKib: 300 * 1024 })

    await connection.domain.setTitle(domain, 'Wérbserver', AFFECT.config)
    await connection.domain.setDescription(domain, 'the first', AFFECT.config)
    const element = { key: 'x', uri: 'urn:x', xml: '<owner>anna</owner>' }
    await connection.domain.setMetadata(domain, element, AFFECT.config)
    expect(await connection.domain.metadata(domain, 'urn:x')).toContain('<owner')
    const xml = await connection.domain.xml(domain)
    expect(xml).toContain('<title>Wérbserver</title>')
    expect(xml).toContain('<description>the first</description>')
    await connection.domain.setMetadata(domain, { ...element, xml: null }, AFFECT.config)
    await expect(connection.domain.metadata(domain, 'urn:x')).rejects.toMatchObject({
      codeName: 'no_domain_metadata',
    })

    await connection.domain.rename(domain, 'renamed')
    expect((await connection.domain.byUuid(uuid(1))).name).toBe('renamed')
    await connection.domain.setAutostart(domain, true)
    expect(await connection.domain.autostart(domain)).toBe(true)
    expect(await connection.domain.list(LIST_DOMAINS.autostart)).toHaveLength(1)
    await connection.domain.setAutostart(domain, false)
  })

  test('transient ones are gone when they stop', async () => {
    const domain = await connection.domain.createXml(guestXml({ name: 'passing', uuid: uuid(7) }))
    expect(await connection.domain.isPersistent(domain)).toBe(false)
    expect(await connection.domain.isActive(domain)).toBe(true)
    await connection.domain.destroy(domain)
    await expect(connection.domain.byName('passing')).rejects.toMatchObject({ codeName: 'no_domain' })
  })

  test('have disks: sizes, growth, devices in and out', async () => {
    const [disk, extra] = ['disk', 'extra'].map((name) => join(libvirtd.directory, `${name}.qcow2`)) as [
      string,
      string,
    ]
    for (const path of [disk, extra]) {
      execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', path, '16M'])
      chmodSync(path, 0o666)
    }
    const domain = await connection.domain.create(await define(1, { disk }))
    expect(await connection.domain.blockInfo(domain, 'vda')).toMatchObject({
      capacityBytes: 16 * 1024 * 1024,
    })
    await connection.domain.blockResize(domain, 'vda', 32 * 1024 * 1024)
    const { capacityBytes } = await connection.domain.blockInfo(domain, 'vda')
    expect(capacityBytes).toBe(32 * 1024 * 1024)
    expect(fields(await virsh(libvirtd, 'domblkinfo', 'guest-1', 'vda')).Capacity).toBe(`${capacityBytes}`)
    expect(await connection.domain.diskErrors(domain)).toEqual([])

    const added: EventOf<'deviceAdded'>[] = []
    const stop = await connection.on('deviceAdded', (event) => added.push(event))
    const device = `<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='${extra}'/>
      <target dev='vdb' bus='virtio'/></disk>`
    await connection.domain.attachDevice(domain, device, AFFECT.live)
    expect(await virsh(libvirtd, 'domblklist', 'guest-1')).toContain('vdb')
    await expect.poll(() => added).toHaveLength(1)
    expect(added[0]).toMatchObject({ alias: 'virtio-disk1' })
    await stop()
    await connection.domain.attachDevice(domain, device, AFFECT.config)
    await connection.domain.detachDevice(domain, device, AFFECT.config)
    expect(await connection.domain.xml(domain, DOMAIN_XML.inactive)).not.toContain('vdb')
    // There is no network interface, so there is no address.
    expect(await connection.domain.interfaceAddresses(domain, ADDRESS_SOURCE.lease)).toEqual([])
  })

  describe('that hang', () => {
    /** Its QEMU stands still: calls that need it get no answer. */
    async function frozen(n: number): Promise<{ domain: Domain; thaw: () => void }> {
      const domain = await connection.domain.create(await define(n))
      const file = join(libvirtd.directory, 'run/libvirt/qemu/run', `guest-${n}.pid`)
      const pid = Number(readFileSync(file, 'utf8'))
      process.kill(pid, 'SIGSTOP')
      return { domain, thaw: () => process.kill(pid, 'SIGCONT') }
    }

    test('do not hold up the caller: the deadline does its work, other calls go on', async () => {
      const { domain, thaw } = await frozen(1)
      try {
        await expect(connection.domain.suspend(domain, { deadlineMs: 100 })).rejects.toThrow(DeadlineError)
        expect(await connection.domain.state(domain)).toMatchObject({ state: 'running' })
        const records = await connection.domain.stats({ flags: STATS_OF.noWait })
        expect(records.map((record) => record.domain.name)).toEqual(['guest-1'])
      } finally {
        thaw()
      }
    })

    test('do not look like a dead libvirtd: at our limit of calls it still answers pings', async () => {
      const other = await libvirtd.connect({ keepAlive: { intervalMs: 100, count: 3 } })
      const guests = await Promise.all([1, 2, 3, 4, 5].map(frozen))
      try {
        const results = guests.map(({ domain }) => other.domain.suspend(domain, { deadlineMs: 1500 }))
        for (const result of await Promise.allSettled(results)) {
          expect(result).toMatchObject({ status: 'rejected', reason: expect.any(DeadlineError) })
        }
        expect(other.isOpen).toBe(true)
      } finally {
        for (const { thaw } of guests) thaw()
      }
      // The late answers free their places.
      expect(await other.host.type()).toBe('QEMU')
      await other.close()
    })
  })
})

describe.skipIf(!libvirt.available)('a libvirtd that is frozen', () => {
  test('is declared dead by its silence, and refuses new connections by deadline', async () => {
    const libvirtd = await startLibvirtd()
    const connection = await libvirtd.connect({
      uri: 'test:///default',
      keepAlive: { intervalMs: 100, count: 3 },
    })
    try {
      process.kill(libvirtd.pid, 'SIGSTOP')
      await expect(connection.host.hostname()).rejects.toThrow('silent')
      expect(connection.isOpen).toBe(false)
      await expect(libvirtd.connect({ deadlineMs: 200 })).rejects.toThrow(DeadlineError)
    } finally {
      process.kill(libvirtd.pid, 'SIGCONT')
      await libvirtd.stop()
    }
  })

  test('and one that is killed ends its connections at once', async () => {
    const libvirtd = await startLibvirtd()
    const connection = await libvirtd.connect({ uri: 'test:///default' })
    process.kill(libvirtd.pid, 'SIGKILL')
    expect(await connection.closed).toMatchObject({ message: expect.stringContaining('lost') })
    await libvirtd.stop()
  })
})
