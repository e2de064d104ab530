import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connection } from '../connection'
import { findLibvirt, type PrivateLibvirtd, startLibvirtd } from '../testing/libvirtd'
import { fields, virsh } from '../testing/virsh'

const libvirt = findLibvirt()
if (!libvirt.available) console.warn(`Tests with a real libvirtd are skipped: ${libvirt.missing}`)

describe.skipIf(!libvirt.available)('the host as virsh sees it', () => {
  let libvirtd: PrivateLibvirtd
  let connection: Connection

  beforeAll(async () => {
    libvirtd = await startLibvirtd()
    connection = await libvirtd.connect()
  })
  afterAll(async () => {
    await connection?.close()
    await libvirtd?.stop()
  })

  test('driver, hostname and versions', async () => {
    expect(await connection.host.type()).toBe('QEMU')
    expect(await connection.host.hostname()).toBe(await virsh(libvirtd, 'hostname'))
    const dotted = ({ major, minor, release }: { major: number; minor: number; release: number }) =>
      `${major}.${minor}.${release}`
    const versions = await virsh(libvirtd, 'version', '--daemon')
    expect(versions).toContain(`Running against daemon: ${dotted(await connection.host.libVersion())}`)
    expect(versions).toContain(`Running hypervisor: QEMU ${dotted(await connection.host.version())}`)
  })

  test('node info', async () => {
    const info = await connection.host.nodeInfo()
    expect(fields(await virsh(libvirtd, 'nodeinfo'))).toMatchObject({
      'CPU model': info.model,
      'CPU(s)': `${info.cpus}`,
      'CPU frequency': `${info.mhz} MHz`,
      'CPU socket(s)': `${info.socketsPerCell}`,
      'Core(s) per socket': `${info.coresPerSocket}`,
      'Thread(s) per core': `${info.threadsPerCore}`,
      'NUMA cell(s)': `${info.numaCells}`,
      'Memory size': `${info.memoryKib} KiB`,
    })
  })

  test('CPU and memory statistics', async () => {
    const before = await connection.host.cpuStats()
    const said = fields(await virsh(libvirtd, 'nodecpustats'))
    const after = await connection.host.cpuStats()
    expect(Object.keys(before).sort()).toEqual(['idle', 'iowait', 'kernel', 'user'])
    for (const [virshName, name] of [
      ['user', 'user'],
      ['system', 'kernel'],
      ['idle', 'idle'],
    ] as const) {
      expect(Number(said[virshName])).toBeGreaterThanOrEqual(before[name]!)
      expect(Number(said[virshName])).toBeLessThanOrEqual(after[name]!)
    }
    expect((await connection.host.cpuStats(0)).user).toBeLessThanOrEqual(
      (await connection.host.cpuStats()).user!,
    )
    const memory = await connection.host.memoryStats()
    expect(fields(await virsh(libvirtd, 'nodememstats')).total).toBe(`${memory.total} KiB`)
    expect(await connection.host.freeMemoryBytes()).toBeGreaterThan(0)
  })

  test('capabilities, of the host and of domains', async () => {
    expect(await connection.host.capabilities()).toBe(`${await virsh(libvirtd, 'capabilities')}\n`)
    const choice = { virtType: 'qemu', machine: 'pc', arch: 'x86_64' }
    const xml = await connection.host.domainCapabilities(choice)
    const oracle = ['domcapabilities', '--virttype', 'qemu', '--machine', 'pc', '--arch', 'x86_64']
    expect(xml).toBe(`${await virsh(libvirtd, ...oracle)}\n`)
    await expect(connection.host.domainCapabilities({ machine: 'pdp-11' })).rejects.toMatchObject({
      codeName: 'invalid_arg',
    })
  })

  test('CPUs are compared and brought to a common denominator', async () => {
    const choice = { virtType: 'qemu', machine: 'pc', arch: 'x86_64' }
    const cpu = (model: string) => `<cpu mode='custom' match='exact'><model>${model}</model></cpu>`
    expect(await connection.host.compareHypervisorCpu(cpu('qemu64'), choice)).toMatch(/identical|superset/)
    const missing = `<cpu><model>qemu64</model><feature policy='require' name='avx512f'/></cpu>`
    expect(await connection.host.compareHypervisorCpu(missing, choice)).toBe('incompatible')
    expect(await connection.host.compareCpu(cpu('486'))).toBe('superset')
    await expect(connection.host.compareCpu('<cpu>')).rejects.toMatchObject({ name: 'LibvirtError' })
    const hosts = ['Westmere', 'Nehalem'].map(
      (model) => `<cpu><arch>x86_64</arch><model>${model}</model></cpu>`,
    )
    expect(await connection.host.baselineCpu(hosts)).toContain('Nehalem')
    const custom = ['Westmere', 'Nehalem'].map((model) => cpu(model))
    expect(await connection.host.baselineHypervisorCpu(custom, choice)).toContain('<cpu')
  })
})
