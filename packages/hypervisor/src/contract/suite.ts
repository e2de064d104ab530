import type { Domain, VmSpec } from '@drover/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { MigrateRequest, OperationProgress } from '../port'
import type { ContractWorld } from './world'

/** What every adapter does, whatever is behind it. */
export function contract(
  name: string,
  makeWorld: () => Promise<ContractWorld>,
  { skip = false }: { skip?: boolean } = {},
): void {
  describe.skipIf(skip)(`the contract, kept by ${name}`, () => {
    let world: ContractWorld
    let made: VmSpec[] = []
    let number = 0

    beforeAll(async () => {
      world = await makeWorld()
    })
    afterAll(() => world?.close())
    afterEach(async () => {
      for (const spec of made) await remove(spec)
      made = []
    })

    const settle = <T>(promise: Promise<T>) => world.settle(promise)
    const a = () => world.a.hypervisor
    const b = () => world.b.hypervisor
    const code = async (promise: Promise<unknown>) =>
      settle(promise).then(
        () => 'no error',
        (error) => error.code as string,
      )
    const look = async (uuid: string, host = a()) => settle(host.domain(uuid))
    const migration = (spec: VmSpec, more: Partial<MigrateRequest> = {}): MigrateRequest => ({
      uuid: spec.uuid,
      targetAddress: world.b.address,
      disks: [],
      bandwidthBytesPerSecond: null,
      downtimeMs: null,
      autoConverge: true,
      postCopy: false,
      deadlineMs: null,
      ...more,
    })

    /** A VM on `a` with a disk of its own. */
    async function create(where: 'shared' | 'local' = 'shared'): Promise<VmSpec> {
      const vm = `contract-${++number}`
      const root = where === 'shared' ? world.sharedPath : world.localPath.a
      const path = `${root}/vms/${vm}/disk0.qcow2`
      await settle(a().cloneDisk(world.imagePath, path, 'qcow2', null, {}))
      const spec = world.spec(vm, [{ path, format: 'qcow2' }])
      await settle(a().define(spec.uuid, { spec }))
      made.push(spec)
      return spec
    }

    async function remove(spec: VmSpec): Promise<void> {
      for (const host of [a(), b()]) {
        if (!(await look(spec.uuid, host))) continue
        await settle(host.stop(spec.uuid))
        await settle(host.undefine(spec.uuid))
      }
      const paths = spec.disks.map((disk) => disk.path)
      await settle(a().deleteDisks(paths))
      await settle(b().deleteDisks(paths.map((path) => path.replace(world.localPath.a, world.localPath.b))))
    }

    async function until(what: string, test: () => Promise<boolean>, withinMs = 60_000): Promise<void> {
      for (let waited = 0; waited < withinMs; waited += 200) {
        if (await test()) return
        await world.pass(200)
      }
      throw new Error(`not within ${withinMs} ms: ${what}`)
    }

    /** Until its own system has come up: it counts. */
    async function boot(spec: VmSpec, host = a()): Promise<void> {
      await settle(host.start(spec.uuid))
      await until('the guest counts', async () => (await world.counter(spec.uuid)) > 0, world.bootMs)
    }

    test('says what the host is, and where its VMs can live', async () => {
      const facts = await settle(a().facts())
      expect(facts.cpu.cores).toBeGreaterThan(0)
      expect(facts.memoryBytes).toBeGreaterThan(facts.reservedMemoryBytes)
      expect(facts.hypervisor.emulatorVersion).toMatch(/^\d+\.\d+\.\d+$/)
      expect(await settle(a().networks())).toContain(world.network)
      const onA = await settle(a().datastores())
      const onB = await settle(b().datastores())
      const shared = onA.filter((datastore) => onB.some((other) => other.uuid === datastore.uuid))
      expect(shared.map((datastore) => datastore.path)).toEqual([world.sharedPath])
      expect(shared[0]!.capacityBytes).toBeGreaterThan(shared[0]!.freeBytes)
      expect(shared[0]!.images.map((image) => image.path)).toContain(world.imagePath)
    })

    test('defines from a spec, the same again, and from what it gave', async () => {
      const spec = await create()
      const domain = await look(spec.uuid)
      expect(domain).toMatchObject({
        uuid: spec.uuid,
        name: spec.name,
        state: 'off',
        vcpus: spec.vcpus,
        memoryBytes: spec.memoryBytes,
        nics: spec.nics,
        persistent: true,
        job: 'none',
        disks: [{ path: spec.disks[0]!.path, format: 'qcow2', sizeBytes: expect.any(Number) }],
      } satisfies Partial<Record<keyof Domain, unknown>>)
      expect(domain!.disks[0]!.sizeBytes).toBeGreaterThan(0)
      const definition = (await settle(a().definition(spec.uuid)))!
      expect(definition.sha256).toBe(domain!.definitionSha256)
      const again = await settle(a().define(spec.uuid, { spec }))
      expect(again.sha256).toBe(definition.sha256)
      if (world.a.oracle) {
        expect(await world.a.oracle.uuids()).toContain(spec.uuid)
        expect(await world.a.oracle.memoryBytes(spec.name)).toBe(spec.memoryBytes)
      }
      await settle(a().undefine(spec.uuid))
      expect(await look(spec.uuid)).toBeNull()
      expect(await settle(a().definition(spec.uuid))).toBeNull()
      const moved = `${world.sharedPath}/vms/elsewhere/disk0.qcow2`
      await settle(b().define(spec.uuid, { definition, diskPaths: [moved] }))
      const there = await look(spec.uuid, b())
      expect(there).toMatchObject({ name: spec.name, state: 'off', disks: [{ path: moved }] })
      expect(there!.nics).toEqual(spec.nics)
    })

    test('changes what is off; what runs only in name', async () => {
      const spec = await create()
      const before = (await look(spec.uuid))!.definitionSha256
      const none = { name: null, vcpus: null, memoryBytes: null }
      const memoryBytes = spec.memoryBytes + 32 * 1024 ** 2
      const changed = await settle(a().change(spec.uuid, { name: `${spec.name}-x`, vcpus: 2, memoryBytes }))
      expect(changed.sha256).not.toBe(before)
      expect(await look(spec.uuid)).toMatchObject({ name: `${spec.name}-x`, vcpus: 2, memoryBytes })
      if (world.a.oracle) expect(await world.a.oracle.memoryBytes(`${spec.name}-x`)).toBe(memoryBytes)
      await settle(a().start(spec.uuid))
      expect(await code(a().change(spec.uuid, { ...none, vcpus: 1 }))).toBe('invalid_state')
      await settle(a().change(spec.uuid, { ...none, name: `${spec.name}-y` }))
      expect(await look(spec.uuid)).toMatchObject({ name: `${spec.name}-y`, state: 'running', vcpus: 2 })
    })

    test('powers on, stands still, goes on, and pulls the plug; doing it twice is doing it once', async () => {
      const spec = await create()
      await settle(a().start(spec.uuid))
      await settle(a().start(spec.uuid))
      expect(await look(spec.uuid)).toMatchObject({ state: 'running' })
      if (world.a.oracle) expect(await world.a.oracle.state(spec.name)).toBe('running')
      expect(await code(a().undefine(spec.uuid))).toBe('invalid_state')
      await settle(a().suspend(spec.uuid))
      await settle(a().suspend(spec.uuid))
      expect(await look(spec.uuid)).toMatchObject({ state: 'paused' })
      if (world.a.oracle) expect(await world.a.oracle.state(spec.name)).toBe('paused')
      await settle(a().resume(spec.uuid))
      await settle(a().resume(spec.uuid))
      expect(await look(spec.uuid)).toMatchObject({ state: 'running' })
      await settle(a().reset(spec.uuid))
      await settle(a().stop(spec.uuid))
      await settle(a().stop(spec.uuid))
      expect(await look(spec.uuid)).toMatchObject({ state: 'off' })
      if (world.a.oracle) expect(await world.a.oracle.state(spec.name)).toBe('shut off')
      expect(await code(a().suspend(spec.uuid))).toBe('invalid_state')
      expect(await code(a().requestShutdown(spec.uuid))).toBe('invalid_state')
    })

    test('a guest that is asked shuts down, and reboots; one that does not listen says so by the deadline', async () => {
      const spec = await create()
      await boot(spec)
      await settle(a().reboot(spec.uuid, world.bootMs))
      expect(await look(spec.uuid)).toMatchObject({ state: 'running' })
      // It only just began to boot.
      expect(await code(a().reboot(spec.uuid, 200))).toBe('deadline')
      const before = await world.counter(spec.uuid)
      await until('it counts again', async () => (await world.counter(spec.uuid)) > before, world.bootMs)
      await until('it is off', async () => {
        const domain = await look(spec.uuid)
        if (domain?.state === 'running') await settle(a().requestShutdown(spec.uuid)).catch(() => {})
        return domain?.state === 'off'
      })
    })

    test('knows what is not there', async () => {
      const nobody = '00000000-0000-4000-8000-00000000dead'
      expect(await look(nobody)).toBeNull()
      expect(await settle(a().definition(nobody))).toBeNull()
      expect(await code(a().start(nobody))).toBe('not_found')
      expect(await code(a().stop(nobody))).toBe('not_found')
      expect(await code(a().diskInfo(`${world.sharedPath}/vms/nobody/disk0.qcow2`))).toBe('not_found')
      await settle(a().undefine(nobody))
      await settle(a().deleteDisks([`${world.sharedPath}/vms/nobody/disk0.qcow2`]))
    })

    test('a disk has one writer: a second start elsewhere is refused, and so is deleting or copying it', async () => {
      const spec = await create()
      const definition = (await settle(a().definition(spec.uuid)))!
      await settle(a().start(spec.uuid))
      await settle(b().define(spec.uuid, { definition, diskPaths: null }))
      expect(await code(b().start(spec.uuid))).toBe('disk_locked')
      expect(await look(spec.uuid, b())).toMatchObject({ state: 'off' })
      expect(await look(spec.uuid)).toMatchObject({ state: 'running' })
      const { path } = spec.disks[0]!
      expect(await code(a().deleteDisks([path]))).toBe('disk_locked')
      expect(await code(b().deleteDisks([path]))).toBe('disk_locked')
      expect(await code(a().cloneDisk(path, `${path}.copy`, 'qcow2', null, {}))).toBe('disk_locked')
      expect(
        await code(a().sendDisk(path, { address: world.b.copyAddress, port: 9, key: 'ab'.repeat(32) }, {})),
      ).not.toBe('no error')
      await settle(a().stop(spec.uuid))
      await settle(b().start(spec.uuid))
      expect(await look(spec.uuid, b())).toMatchObject({ state: 'running' })
    })

    test('what does not fit into memory is not started', async () => {
      const spec = await create()
      const { memoryBytes } = await settle(a().facts())
      await settle(a().change(spec.uuid, { name: null, vcpus: null, memoryBytes }))
      expect(await code(a().start(spec.uuid))).toBe('no_memory')
      expect(await look(spec.uuid)).toMatchObject({ state: 'off' })
    })

    test('tells every change, whoever made it', async () => {
      const spec = await create()
      const told: string[] = []
      const stop = a().onChange((uuid) => told.push(uuid))
      await world.pass(500)
      for (const act of ['start', 'suspend', 'resume', 'stop'] as const) {
        told.length = 0
        await settle(world.a.reopen()[act](spec.uuid))
        await until(`it is told of ${act}`, async () => told.includes(spec.uuid), 2_000)
      }
      stop()
    })

    test('measures what the host and its VMs use', async () => {
      const spec = await create()
      await boot(spec)
      await settle(a().usage())
      await world.pass(1_500)
      const { host, vms } = await settle(a().usage())
      expect(host.cpu).toBeGreaterThan(0)
      expect(host.cpu).toBeLessThanOrEqual(1)
      expect(host.memoryUsedBytes).toBeGreaterThan(0)
      expect(vms.get(spec.uuid)!.cpu).toBeGreaterThan(0)
      expect(vms.get(spec.uuid)!.memoryUsedBytes).toBeGreaterThan(0)
    })

    test('moves a running VM: it runs there only, defined there only, and never counted back', async () => {
      const spec = await create()
      await boot(spec)
      const before = await world.counter(spec.uuid)
      const seen: OperationProgress[] = []
      const states = new Set<string>()
      const stop = b().onChange(async (uuid) => {
        const domain = await b().domain(uuid)
        if (domain) states.add(domain.state)
      })
      const report = await settle(
        a().migrate(migration(spec, { bandwidthBytesPerSecond: 16 << 20 }), {
          onProgress: (p) => seen.push(p),
        }),
      )
      stop()
      expect(report.totalMs).toBeGreaterThan(0)
      expect(report.downtimeMs).toBeGreaterThan(0)
      expect(report.downtimeMs!).toBeLessThan(report.totalMs)
      expect(await look(spec.uuid)).toBeNull()
      expect(await look(spec.uuid, b())).toMatchObject({ state: 'running', persistent: true, job: 'none' })
      expect(await world.counter(spec.uuid)).toBeGreaterThanOrEqual(before)
      const fractions = seen.map((p) => p.fraction)
      expect(fractions.length).toBeGreaterThan(0)
      expect(fractions).toEqual([...fractions].sort((x, y) => x - y))
      expect([...states].sort()).toEqual(['incoming', 'running'])
      if (world.b.oracle) expect(await world.b.oracle.state(spec.name)).toBe('running')
      if (world.a.oracle) expect(await world.a.oracle.uuids()).not.toContain(spec.uuid)
    })

    test('a migration can be called off, and is late by its deadline; the VM stays and runs on', async () => {
      const spec = await create()
      await boot(spec)
      const slowly = migration(spec, { bandwidthBytesPerSecond: 1 << 20 })
      const abort = new AbortController()
      const going = code(a().migrate(slowly, { signal: abort.signal }))
      await until('it is under way', async () => (await look(spec.uuid))?.job === 'migration-out', 10_000)
      expect(await code(a().migrate(slowly, {}))).toBe('busy')
      abort.abort()
      expect(await going).toBe('aborted')
      expect(await code(a().migrate({ ...slowly, deadlineMs: 1_500 }, {}))).toBe('deadline')
      expect(await look(spec.uuid)).toMatchObject({ state: 'running', job: 'none' })
      expect(await look(spec.uuid, b())).toBeNull()
      const before = await world.counter(spec.uuid)
      await until('it counts on', async () => (await world.counter(spec.uuid)) > before)
    })

    test('runs on the target before all of its memory is there, when it is told that it may', async () => {
      const spec = await create()
      await boot(spec)
      const before = await world.counter(spec.uuid)
      const request = migration(spec, { postCopy: true, bandwidthBytesPerSecond: 12 << 20, downtimeMs: 1 })
      const report = await settle(a().migrate(request, {}))
      expect(report.downtimeMs).toBeLessThan(report.totalMs)
      expect(await look(spec.uuid)).toBeNull()
      expect(await look(spec.uuid, b())).toMatchObject({ state: 'running', reason: null, job: 'none' })
      expect(await world.counter(spec.uuid)).toBeGreaterThanOrEqual(before)
    })

    test('the next life of the agent finds the migration that the last one began', async () => {
      const spec = await create()
      await boot(spec)
      const first = world.a.reopen()
      const lost = first.migrate(migration(spec, { bandwidthBytesPerSecond: 8 << 20 }), {}).catch(() => {})
      await until('it is under way', async () => (await look(spec.uuid))?.job === 'migration-out', 10_000)
      await settle(first.close())
      const report = await settle(a().rejoinMigration(spec.uuid, {}))
      expect(report).toMatchObject({ totalMs: expect.any(Number) })
      void lost
      expect(await look(spec.uuid, b())).toMatchObject({ state: 'running' })
      expect(await settle(b().rejoinMigration(spec.uuid, {}))).toBeNull()
    })

    test('a target that nobody reaches is said to be that', async () => {
      const spec = await create()
      await settle(a().start(spec.uuid))
      const nowhere = world.a.address.replace(/\d+$/, '250')
      expect(await code(a().migrate(migration(spec, { targetAddress: nowhere }), {}))).toBe('unreachable')
      expect(await look(spec.uuid)).toMatchObject({ state: 'running', job: 'none' })
    })

    test('moves a running VM with its disk', async () => {
      const spec = await create('local')
      await boot(spec)
      const sourcePath = spec.disks[0]!.path
      const targetPath = sourcePath.replace(world.localPath.a, world.localPath.b)
      const { sizeBytes } = await settle(a().diskInfo(sourcePath))
      await settle(b().createDisk(targetPath, 'qcow2', sizeBytes))
      await settle(b().createDisk(targetPath, 'qcow2', sizeBytes))
      const before = await world.counter(spec.uuid)
      const seen: number[] = []
      const request = migration(spec, { disks: [{ sourcePath, targetPath }] })
      await settle(a().migrate(request, { onProgress: (p) => seen.push(p.fraction) }))
      expect(seen).toEqual([...seen].sort((x, y) => x - y))
      expect(await look(spec.uuid)).toBeNull()
      const there = await look(spec.uuid, b())
      expect(there).toMatchObject({ state: 'running', disks: [{ path: targetPath, sizeBytes }] })
      expect(await world.counter(spec.uuid)).toBeGreaterThanOrEqual(before)
      await settle(b().stop(spec.uuid))
      expect(await look(spec.uuid, b())).toMatchObject({ disks: [{ path: targetPath }] })
      // The disk that came along boots.
      await boot(spec, b())
    })

    test('copies an image whole, grown, or not at all', async () => {
      const path = `${world.sharedPath}/vms/contract-copy/disk0.qcow2`
      const image = await settle(a().diskInfo(world.imagePath))
      const seen: number[] = []
      const sizeBytes = image.sizeBytes + (16 << 20)
      const copied = await settle(
        a().cloneDisk(world.imagePath, path, 'qcow2', sizeBytes, {
          onProgress: (p) => seen.push(p.fraction),
        }),
      )
      expect(copied).toMatchObject({
        bytes: expect.any(Number),
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      })
      expect(await settle(b().diskInfo(path))).toMatchObject({ sizeBytes, format: 'qcow2' })
      expect(seen.at(-1)).toBe(1)
      await settle(a().deleteDisks([path]))
      expect(await code(b().diskInfo(path))).toBe('not_found')
      const stopped = AbortSignal.abort()
      expect(await code(a().cloneDisk(world.imagePath, path, 'qcow2', null, { signal: stopped }))).toBe(
        'aborted',
      )
      expect(await code(a().diskInfo(path))).toBe('not_found')
      expect(await code(a().cloneDisk(`${world.imagePath}.none`, path, 'qcow2', null, {}))).toBe('not_found')
      expect(await code(a().cloneDisk(world.imagePath, path, 'qcow2', 512, {}))).toBe('failed')
    })

    test('sends a disk to a host that shares nothing; it appears there when it is proven whole', async () => {
      const spec = await create('local')
      const sourcePath = spec.disks[0]!.path
      const targetPath = sourcePath.replace(world.localPath.a, world.localPath.b)
      const { fileBytes } = await settle(a().diskInfo(sourcePath))
      const key = 'c0'.repeat(32)
      const address = world.b.copyAddress
      await settle(b().receiveDisk(targetPath, fileBytes, 'aa'.repeat(32)))
      const { port } = await settle(b().receiveDisk(targetPath, fileBytes, key))
      expect(await code(a().sendDisk(sourcePath, { address, port, key: 'bb'.repeat(32) }, {}))).toBe(
        'unreachable',
      )
      const seen: number[] = []
      const onProgress = (p: OperationProgress) => seen.push(p.fraction)
      const sent = await settle(a().sendDisk(sourcePath, { address, port, key }, { onProgress }))
      expect(seen.at(-1)).toBe(1)
      expect(await code(b().diskInfo(targetPath))).toBe('not_found')
      expect(await code(b().commitDisk(targetPath, 'f'.repeat(64)))).toBe('failed')
      await settle(b().commitDisk(targetPath, sent.sha256))
      await settle(b().commitDisk(targetPath, sent.sha256))
      expect(await settle(b().diskInfo(targetPath))).toEqual(await settle(a().diskInfo(sourcePath)))
      expect(await code(b().commitDisk(targetPath, 'f'.repeat(64)))).toBe('not_found')
    })
  })
}
