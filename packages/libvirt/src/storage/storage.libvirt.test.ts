import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connection } from '../connection'
import { findLibvirt, type PrivateLibvirtd, startLibvirtd } from '../testing/libvirtd'
import { fields, virsh } from '../testing/virsh'
import { CREATE_POOL, LIST_POOLS } from './constants'

const libvirt = findLibvirt()
if (!libvirt.available) console.warn(`Tests with a real libvirtd are skipped: ${libvirt.missing}`)

const MIB = 1024 * 1024

describe.skipIf(!libvirt.available)('pools and volumes', () => {
  let libvirtd: PrivateLibvirtd
  let connection: Connection
  let directory: string

  beforeAll(async () => {
    libvirtd = await startLibvirtd()
    connection = await libvirtd.connect()
    directory = join(libvirtd.directory, 'data', 'images')
  })
  afterAll(async () => {
    await connection?.close()
    await libvirtd?.stop()
  })

  const poolXml = (name: string, path: string) =>
    `<pool type='dir'><name>${name}</name><target><path>${path}</path></target></pool>`
  const volumeXml = (name: string, capacityMib: number, format = 'qcow2') =>
    `<volume><name>${name}</name><capacity unit='MiB'>${capacityMib}</capacity>
     <target><format type='${format}'/></target></volume>`
  const inBytes = (text: string | undefined) => Math.round(Number.parseFloat(text ?? '') * MIB)

  test('a directory becomes a pool, is found by name and by path, and goes again', async () => {
    const { pool } = connection
    const images = await pool.define(poolXml('images', directory))
    expect(await pool.isActive(images)).toBe(false)
    expect(await pool.info(images)).toMatchObject({ state: 'inactive' })
    await expect(pool.byTargetPath('/nowhere')).rejects.toMatchObject({ codeName: 'no_storage_pool' })
    await expect(pool.byName('nope')).rejects.toMatchObject({ codeName: 'no_storage_pool' })

    await pool.build(images)
    await pool.create(images)
    expect(await pool.byTargetPath(directory)).toEqual(images)
    expect(await pool.byName('images')).toEqual(images)
    expect(await pool.isActive(images)).toBe(true)
    await pool.setAutostart(images, true)
    expect(await pool.autostart(images)).toBe(true)
    const said = fields(await virsh(libvirtd, 'pool-info', '--bytes', 'images'))
    const info = await pool.info(images)
    expect(said).toMatchObject({ UUID: images.uuid, State: 'running', Autostart: 'yes' })
    expect(Number(said.Capacity)).toBe(info.capacityBytes)
    expect(info.allocationBytes + info.availableBytes).toBe(info.capacityBytes)
    expect(await pool.xml(images)).toBe(`${await virsh(libvirtd, 'pool-dumpxml', 'images')}\n`)

    const passing = await pool.createXml(poolXml('passing', `${directory}-2`), CREATE_POOL.withBuild)
    expect((await pool.list()).map(({ name }) => name).sort()).toEqual(['images', 'passing'])
    expect(await pool.list(LIST_POOLS.transient)).toEqual([passing])
    await pool.destroy(passing)
    expect(await pool.list()).toEqual([images])

    await pool.destroy(images)
    await pool.undefine(images)
    expect(await pool.list()).toEqual([])
  })

  test('volumes are created, cloned, grown, found and deleted', async () => {
    const { pool, volume } = connection
    const path = `${directory}-3`
    const images = await pool.createXml(poolXml('images', path), CREATE_POOL.withBuild)
    const web = await volume.create(images, volumeXml('web.qcow2', 16))
    expect(web).toEqual({ pool: 'images', name: 'web.qcow2', key: join(path, 'web.qcow2') })
    await expect(volume.create(images, volumeXml('web.qcow2', 16))).rejects.toMatchObject({
      codeName: 'storage_vol_exist',
    })
    await volume.resize(web, 32 * MIB)
    const info = await volume.info(web)
    expect(info).toMatchObject({ type: 'file', capacityBytes: 32 * MIB })
    const said = fields(await virsh(libvirtd, 'vol-info', 'web.qcow2', '--pool', 'images'))
    expect(inBytes(said.Capacity)).toBe(info.capacityBytes)
    expect(await volume.path(web)).toBe(join(path, 'web.qcow2'))
    expect(await volume.xml(web)).toBe(
      `${await virsh(libvirtd, 'vol-dumpxml', 'web.qcow2', '--pool', 'images')}\n`,
    )

    const copy = await volume.clone(images, volumeXml('copy.qcow2', 32), web)
    expect(await volume.byName(images, 'copy.qcow2')).toEqual(copy)
    expect(await volume.byPath(join(path, 'copy.qcow2'))).toEqual(copy)

    // Behind libvirt's back, as another host on a shared datastore does.
    mkdirSync(path, { recursive: true })
    writeFileSync(join(path, 'foreign.raw'), Buffer.alloc(1024))
    await expect(volume.byName(images, 'foreign.raw')).rejects.toMatchObject({ codeName: 'no_storage_vol' })
    await pool.refresh(images)
    expect((await pool.volumes(images)).map(({ name }) => name).sort()).toEqual([
      'copy.qcow2',
      'foreign.raw',
      'web.qcow2',
    ])

    for (const one of await pool.volumes(images)) await volume.delete(one)
    expect(await pool.volumes(images)).toEqual([])
    await pool.destroy(images)
  })
})
