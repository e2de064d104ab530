import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkSystem, labImpossible } from '@drover/harness/system'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGuest, type Guest } from './guest/create'
import { checkDisk } from './guest/ring'
import { createLab, openLab } from './lab'
import { processes } from './processes'
import { run, until } from './run'
import type { Lab } from './types'

const live = ['--live', '--p2p', '--persistent', '--undefinesource', '--unsafe']

describe.skipIf(labImpossible())('the lab', () => {
  let lab: Lab
  let guest: Guest

  beforeAll(async () => {
    lab = await createLab({ name: 'selftest', hosts: 2 })
    await lab.up()
    guest = await createGuest(lab, lab.host(1), { name: 'counter', number: 21 })
    await lab.host(1).virsh('start', guest.name)
    await lab.guests.waitFor(guest.address)
  })
  afterAll(() => lab?.destroy())

  test('a guest boots from the image alone, ticks, and writes to its disk', async () => {
    const first = await lab.guests.status(guest.address)
    const later = await until('the disk counter moves', 10_000, async () => {
      const status = await lab.guests.status(guest.address)
      return status.diskCounter > first.diskCounter + 3 ? status : false
    })
    expect(later).toMatchObject({ uuid: guest.uuid, boot: first.boot, diskErrors: 0 })
    expect(later.tick).toBeGreaterThan(first.tick)
  })

  test('hosts see each other by name, and only what is theirs', async () => {
    const [one, two] = [lab.host('lab-1'), lab.host('lab-2')]
    expect(await one.exec('getent', ['hosts', 'lab-2'])).toContain(two.address)
    expect((await one.exec('hostname')).trim()).toBe('lab-1')
    expect(await one.virsh('list', '--name')).toContain('counter')
    expect(await two.virsh('list', '--name')).not.toContain('counter')
    expect(await one.exec('ls', ['/dev'])).not.toContain('kvm')
    expect(await one.exec('ls', ['/srv/shared/images', '/srv/local/images'])).toMatch(
      /lab-guest[\s\S]*lab-guest/,
    )
  })

  test('a live migration under load loses nothing', async () => {
    await lab.guests.command(guest.address, 'dirty 16 20')
    const watch = await lab.guests.watch(guest.address)
    await lab.host(1).virsh('migrate', ...live, guest.name, lab.host(2).libvirtUri)
    const arrived = await lab.guests.status(guest.address)
    await until('it writes and dirties on', 20_000, async () => {
      const status = await lab.guests.status(guest.address)
      return status.memoryPasses > arrived.memoryPasses + 1 && status.diskCounter > arrived.diskCounter + 3
    })
    const seen = await watch.stop()
    expect(lab.whereIs(guest.name).map((process) => process.hostName)).toEqual(['lab-2'])
    expect(seen).toMatchObject({ tickWentBack: 0, diskCounterWentBack: 0 })
    expect(seen.boots).toHaveLength(1)
    expect(seen.last).toMatchObject({ memoryErrors: 0, diskErrors: 0 })
    expect(seen.answered).toBeGreaterThan(seen.sent / 2)
    expect(seen.maxGapMs).toBeLessThan(5000)
  })

  test('a live migration takes a disk along that is not shared', async () => {
    const [one, two] = [lab.host(1), lab.host(2)]
    const vm = await createGuest(lab, one, { name: 'local-disk', number: 23, datastore: 'local' })
    await one.virsh('start', vm.name)
    await lab.guests.waitFor(vm.address)
    // libvirt makes the disk on the target when a storage pool there has its directory.
    await two.exec('mkdir', ['-p', `/srv/local/vms/${vm.name}`])
    await two.virsh('pool-create-as', 'local-disk', 'dir', '--target', `/srv/local/vms/${vm.name}`)
    const watch = await lab.guests.watch(vm.address)
    await one.virsh('migrate', ...live, '--copy-storage-all', vm.name, two.libvirtUri)
    const { last, ...seen } = await watch.stop()
    expect(seen).toMatchObject({ tickWentBack: 0, diskCounterWentBack: 0 })
    expect(lab.whereIs(vm.uuid).map((process) => process.hostName)).toEqual(['lab-2'])
    await two.virsh('destroy', vm.name)
    const ring = await checkDisk(join(two.localDir, 'vms', vm.name, 'disk0.qcow2'))
    expect(ring).toMatchObject({ bad: 0, holes: 0 })
    expect(ring.counter).toBeGreaterThanOrEqual(last!.diskCounter)
  })

  test('power loss ends the guest, and its disk has all that it acknowledged', async () => {
    const before = await lab.guests.status(guest.address)
    const [process] = lab.whereIs(guest.name)
    await lab.host(2).powerOff()
    expect(existsSync(`/proc/${process!.pid}`)).toBe(false)
    expect(lab.host(2).isOn()).toBe(false)
    expect(lab.whereIs(guest.name)).toEqual([])
    const ring = await checkDisk(guest.diskOutside)
    expect(ring).toMatchObject({ bad: 0, holes: 0 })
    expect(ring.boots.at(-1)).toBe(before.boot)
    expect(ring.counter).toBeGreaterThanOrEqual(before.diskCounter)
    await lab.host(2).powerOn()
    expect(await lab.host(2).virsh('domstate', guest.name)).toContain('shut off')
  })

  test('a guest obeys the power button, and boots again where its counter was', async () => {
    const host = lab.host(2)
    await host.virsh('start', guest.name)
    const { boot, diskCounter } = await lab.guests.waitFor(guest.address)
    await until(
      'the counter moves',
      10_000,
      async () => (await lab.guests.status(guest.address)).diskCounter > diskCounter,
    )
    await host.virsh('shutdown', guest.name)
    await until('the guest is off', 20_000, () => host.qemuProcesses().length === 0)
    const ring = await checkDisk(guest.diskOutside)
    expect(ring).toMatchObject({ bad: 0, holes: 0 })
    expect(ring.boots.at(-1)).toBe(boot)
    expect(ring.counter).toBeGreaterThan(diskCounter)
  })

  test('a pulled cable separates, a frozen host hangs, and both heal', async () => {
    const host = lab.host(2)
    const reach = () =>
      lab.host(1).exec('bash', ['-c', `timeout 1 bash -c '</dev/tcp/${host.address}/16509'`])
    await reach()
    await host.cut('management')
    await expect(reach()).rejects.toThrow()
    await host.plug('management')
    await until('it is reachable again', 10_000, () =>
      reach().then(
        () => true,
        () => false,
      ),
    )
    host.freeze()
    let answered = false
    const answer = host.virsh('version').finally(() => {
      answered = true
    })
    await expect(until('libvirtd answers', 1000, () => answered)).rejects.toThrow('not within')
    host.thaw()
    expect(await answer).toContain('QEMU')
  })

  test('what is in the agent slot runs in the host, and again after it dies and after a power cycle', async () => {
    const host = lab.host(1)
    await host.startAgent(['bash', '-c', 'echo "I am $WHO on $(hostname)"; exec sleep 1000'], {
      WHO: "the agent's self",
    })
    const first = await until('it runs', 5000, () => host.agentPid())
    await until('it says so', 5000, () => existsSync(host.agentLogPath) && /self on lab-1/.test(log()))
    process.kill(first, 'SIGKILL')
    const second = await until('it runs again', 5000, () => {
      const pid = host.agentPid()
      return pid !== first && pid
    })
    expect(second).not.toBe(first)
    await host.powerOff()
    expect(host.agentPid()).toBeUndefined()
    await host.powerOn()
    await until('it runs after power-on', 5000, () => host.agentPid())
    await host.stopAgent()
    expect(host.agentPid()).toBeUndefined()

    function log() {
      return readFileSync(host.agentLogPath, 'utf8')
    }
  })

  test.skipIf(checkSystem(['fencing tests']).missing.length > 0)(
    'a BMC answers while its host is off, and can lie',
    async () => {
      const { bmc, isOn, name } = lab.host(1)
      const fence = (action: string) => {
        const login = [
          '-a',
          bmc.address,
          '-l',
          bmc.user,
          '-p',
          bmc.password,
          '-P',
          '-C',
          '3',
          '--power-wait=0',
        ]
        return run('fence_ipmilan', [...login, '-o', action]).catch((error: Error) => error.message)
      }
      await bmc.start()
      expect(await fence('off')).toContain('OFF')
      expect(isOn()).toBe(false)
      expect(await fence('on')).toContain('ON')
      expect(isOn()).toBe(true)
      bmc.lie(true)
      const login = ['-I', 'lanplus', '-C', '3', '-H', bmc.address, '-U', bmc.user, '-P', bmc.password]
      expect(await run('ipmitool', [...login, 'chassis', 'power', 'off'])).toContain('Off')
      expect(isOn(), `${name} after a lie`).toBe(true)
      bmc.lie(false)
      await bmc.stop()
      await lab.host(1).powerOn()
    },
  )

  test('a lab whose process was killed is cleared away by the next', async () => {
    const script = `
      import { createLab } from './src/lab'
      createLab({ name: 'crashed', hosts: 1 }).then(async (lab) => { await lab.up(); console.log('up') })`
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script, '--'], {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const output: string[] = []
    child.stdout.on('data', (text) => output.push(String(text)))
    await until('the other process has its lab', 60_000, () => output.join('').includes('up'))
    child.kill('SIGKILL')
    const crashed = openLab('crashed')
    expect(crashed.host(1).isOn()).toBe(true)
    const next = await createLab({ name: 'next', hosts: 1 })
    expect(traces(crashed).filter((trace) => !trace.endsWith(`/${next.index}`))).toEqual([])
    await next.destroy()
  })

  test('a second lab runs beside it, and leaves nothing behind', async () => {
    const other = await createLab({ name: 'selftest-b', hosts: 1 })
    await other.up()
    expect(other.controlAddress).not.toBe(lab.controlAddress)
    await other.host(1).startAgent(['sleep', '1000'])
    const vm = await createGuest(other, other.host(1), {
      name: 'short-lived',
      number: 22,
      datastore: 'local',
    })
    await other.host(1).virsh('start', vm.name)
    expect(traces(other).length).toBeGreaterThan(3)
    await other.destroy()
    expect(traces(other)).toEqual([])
    expect(lab.host(1).isOn()).toBe(true)
  })
})

/** What is on this machine because of the lab: processes, namespaces, cards, mounts and files. */
function traces(lab: Lab): string[] {
  const namespaces = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' }).split('\n')
  const cards = execFileSync('ip', ['-o', 'link'], { encoding: 'utf8' }).split('\n')
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n')
  return [
    ...processes()
      .filter(({ args }) => args.some((word) => word.includes(`${lab.dir}/`)))
      .map(({ args }) => args.join(' ')),
    ...namespaces.filter((line) => line.includes(`drover-lab-${lab.name}-`)),
    ...cards.filter(
      (line) => line.includes(`drover-lab${lab.index}:`) || line.includes(`drover-lab${lab.index}@`),
    ),
    ...mounts.filter((line) => line.includes(lab.dir)),
    ...[lab.dir, `/run/drover-lab/${lab.index}`].filter((path) => existsSync(path)),
  ]
}
