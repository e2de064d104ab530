import type { UsagePatch } from '@drover/model'
import { beforeEach, describe, expect, it } from 'vitest'
import { domain, estate, gib } from '../testing/daemon'

const mib = 1024 ** 2

describe('usage for browsers', () => {
  let on: Awaited<ReturnType<typeof estate>>
  let told: UsagePatch[]

  const figures = (cpu: number, memoryUsedBytes: number) => ({
    cpu,
    memoryUsedBytes,
    diskReadBytesPerSecond: 0,
    diskWriteBytesPerSecond: 0,
    networkInBytesPerSecond: 0,
    networkOutBytesPerSecond: 0,
  })
  /** Heartbeats with these figures of web-1, web-2 and so on, and what browsers are told then. */
  const told2sLater = async (...vms: [cpu: number, memoryBytes: number][]) => {
    on.agents[0]!.heartbeat({
      n: 1,
      usage: figures(0.5, gib),
      vms: Object.fromEntries(vms.map(([cpu, memory], i) => [domain(i + 1).uuid, figures(cpu, memory)])),
    })
    await on.clock.pass(2_000)
    return told.at(-1)!
  }

  beforeEach(async () => {
    on = await estate(1)
    await on.agents[0]!.changed([domain(2), domain(3)])
    told = []
    const nothing = () => {}
    on.control.subscribe({ patch: nothing, progress: nothing, health: nothing, usage: (u) => told.push(u) })
  })

  it('begins with everything, and goes on with what has changed so that one can see it', async () => {
    expect(await told2sLater([0.5, gib], [0.25, gib])).toMatchObject({
      full: true,
      vms: { 'vm-1': [0.5, gib], 'vm-2': [0.25, gib] },
    })
    const next = await told2sLater([0.503, gib + 300_000], [0.26, gib])
    expect(next).toMatchObject({ full: false, hosts: { 'host-1': { cpu: 0.5 } } })
    expect(next.vms).toEqual({ 'vm-2': [0.26, gib] })
    expect((await told2sLater([0.503, gib + 800_000], [0.26, gib])).vms).toEqual({
      'vm-1': [0.5, gib + mib],
    })
    expect((await told2sLater([0.5, gib + mib], [0.26, gib])).vms).toEqual({})
  })

  it('says which VMs have no figures any more', async () => {
    await told2sLater([0.5, gib], [0.25, gib])
    expect((await told2sLater([0.5, gib])).vms).toEqual({ 'vm-2': null })
    expect((await told2sLater([0.5, gib])).vms).toEqual({})
  })

  it('is told in full after a snapshot, whose figures may be between two patches, and now and then', async () => {
    const vms = [[0.5, gib] as [number, number]]
    await told2sLater(...vms)
    expect((await told2sLater(...vms)).full).toBe(false)
    on.control.snapshot()
    expect(await told2sLater(...vms)).toMatchObject({ full: true, vms: { 'vm-1': [0.5, gib] } })
    const next = []
    for (let n = 0; n < 15; n += 1) next.push((await told2sLater(...vms)).full)
    expect(next.filter(Boolean)).toHaveLength(1)
  })
})
