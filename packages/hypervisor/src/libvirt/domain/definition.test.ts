import { describe, expect, test } from 'vitest'
import { parseXml, writeXml } from '../xml'
import { withDiskPaths, withMovedDisks, withoutTitle, withSize } from './edit'
import { parseDomain } from './parse'
import { writeDomain } from './write'

const xml = `<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>web-17</name>
  <uuid>11111111-2222-4333-8444-555555555555</uuid>
  <title>The web, &lt;new&gt;</title>
  <metadata><d:drover xmlns:d='urn:drover'>kept &amp; untouched</d:drover></metadata>
  <memory unit='KiB'>2097152</memory>
  <currentMemory unit='KiB'>1048576</currentMemory>
  <vcpu placement='static' current='2'>4</vcpu>
  <cpu mode='host-model' check='partial'><topology sockets='1' cores='4' threads='1'/></cpu>
  <devices>
    <disk type='file' device='cdrom'><source file='/iso/a.iso'/><target dev='hda' bus='ide'/><readonly/></disk>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/srv/a/disk0.qcow2' index='1'/>
      <backingStore/><target dev='vda' bus='virtio'/></disk>
    <disk type='block' device='disk'><driver name='qemu' type='raw'/><source dev='/dev/vg/b'/><target dev='vdb' bus='virtio'/></disk>
    <interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='br0'/><model type='virtio'/></interface>
    <interface type='network'><mac address='52:54:00:00:00:02'/><source network='default' bridge='virbr0'/></interface>
  </devices>
  <qemu:commandline><qemu:arg value='-global'/></qemu:commandline>
</domain>`

describe('reading a definition', () => {
  test('finds what Drover knows of it', () => {
    expect(parseDomain(xml)).toEqual({
      uuid: '11111111-2222-4333-8444-555555555555',
      name: 'The web, <new>',
      vcpus: 2,
      memoryBytes: 2 * 1024 ** 3,
      disks: [
        { path: '/srv/a/disk0.qcow2', format: 'qcow2', target: 'vda' },
        { path: '/dev/vg/b', format: 'raw', target: 'vdb' },
      ],
      nics: [
        { network: 'br0', mac: '52:54:00:00:00:01' },
        { network: 'default', mac: '52:54:00:00:00:02' },
      ],
    })
  })

  test('finds what binds a VM to its host', () => {
    const bound = (devices: string) => parseDomain(`<domain><devices>${devices}</devices></domain>`).bound
    expect(bound('<disk/>')).toBeUndefined()
    expect(bound("<hostdev mode='subsystem' type='pci'/>")).toBe('uses a PCI device of its host')
    expect(bound("<filesystem type='mount'/>")).toBe('shares a folder of its host')
  })

  test('takes memory in every unit', () => {
    const of = (memory: string) => parseDomain(`<domain>${memory}</domain>`).memoryBytes
    expect(of('<memory>1024</memory>')).toBe(1024 ** 2)
    expect(of("<memory unit='GiB'>2</memory>")).toBe(2 * 1024 ** 3)
    expect(of("<memory unit='MB'>2</memory>")).toBe(2_000_000)
  })
})

describe('changing a definition', () => {
  test('leaves what it does not change', () => {
    const same = writeXml(parseXml(xml))
    expect(parseDomain(same)).toEqual(parseDomain(xml))
    expect(same).toContain('kept &amp; untouched')
    expect(same).toContain('<qemu:arg value="-global"/>')
    expect(parseXml(same)).toEqual(parseXml(xml))
  })

  test('puts disks elsewhere, by position and by path', () => {
    const paths = (text: string) => parseDomain(text).disks.map((disk) => disk.path)
    expect(paths(withDiskPaths(xml, ['/x/0.qcow2', '/dev/x']))).toEqual(['/x/0.qcow2', '/dev/x'])
    const moved = withMovedDisks(xml, [{ sourcePath: '/srv/a/disk0.qcow2', targetPath: '/y/0.qcow2' }])
    expect(paths(moved)).toEqual(['/y/0.qcow2', '/dev/vg/b'])
    expect(moved).toContain('/iso/a.iso')
    expect(moved).not.toContain('backingStore')
  })

  test('changes vCPUs and memory, and what would contradict them', () => {
    const text = withSize(xml, { vcpus: 6, memoryBytes: 3 * 1024 ** 3 })
    expect(parseDomain(text)).toMatchObject({ vcpus: 6, memoryBytes: 3 * 1024 ** 3 })
    expect(text).not.toContain('topology')
    expect(text).toContain('<currentMemory unit="KiB">3145728</currentMemory>')
    expect(parseDomain(withoutTitle(text)).name).toBe('web-17')
  })
})

test('a new definition says what was asked for, with names that need escaping', () => {
  const spec = {
    uuid: '11111111-2222-4333-8444-555555555555',
    name: `a<b>&'c'`,
    vcpus: 3,
    memoryBytes: 512 * 1024 ** 2,
    disks: [{ path: "/srv/it's/disk0.qcow2", format: 'qcow2' as const }],
    nics: [
      { network: 'br0', mac: '52:54:00:00:00:01' },
      { network: 'default', mac: '52:54:00:00:00:02' },
    ],
  }
  const platform = { emulator: '/usr/bin/qemu', arch: 'x86_64', machine: 'pc-i440fx-10.0' }
  const write = (accelerator: 'kvm' | 'tcg') =>
    writeDomain(spec, { ...platform, accelerator, isBridge: (network) => network === 'br0' })
  const { disks, ...rest } = parseDomain(write('tcg'))
  expect({ ...rest, disks: disks.map(({ path, format }) => ({ path, format })) }).toEqual(spec)
  expect(write('tcg')).toContain("type='qemu'")
  expect(write('tcg')).toContain('tb-cache')
  expect(write('kvm')).toContain("type='kvm'")
  expect(write('kvm')).toContain("io='native'")
})
