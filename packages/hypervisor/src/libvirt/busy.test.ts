import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { HypervisorError } from '../port'
import { VirtualClock } from '../simulated/virtual-clock'
import { LibvirtHypervisor } from './hypervisor'
import { type FakeDomain, type JobAnswer, startFakeLibvirt } from './testing/fake'

/** libvirt's numbers of a state and its reason. */
const running = { state: 1, reason: 1 }
const startingUp = { state: 3, reason: 11 }
const suspended = { state: 3, reason: 1 }
const off = { id: -1, state: 5, reason: 0 }
const noJob: [number, number] = [0, 0]
const leaves: [number, number] = [2, 5]
const locked: JobAnswer = { code: 'operation_timeout', message: 'cannot acquire state change lock' }
const arrives: JobAnswer = {
  code: 'operation_invalid',
  message: 'migration statistics are available only on the source host',
}

let fake: Awaited<ReturnType<typeof startFakeLibvirt>>
let clock: VirtualClock
let hypervisor: LibvirtHypervisor

beforeEach(async () => {
  clock = new VirtualClock()
  fake = await startFakeLibvirt(2 * 1024 ** 2)
  hypervisor = new LibvirtHypervisor({
    socketPath: fake.socketPath,
    migration: 'tcp',
    networks: null,
    datastores: [],
    reservedMemoryBytes: 0,
    clock,
    log: { warn: () => {} },
  })
})
afterEach(async () => {
  await hypervisor.close()
  fake.stop()
})

let count = 0
function domain(of: Partial<FakeDomain>): FakeDomain {
  const n = ++count
  const uuid = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
  const added = { name: `web-${n}`, uuid, id: n, ...running, memoryKib: 1024 ** 2, job: noJob, ...of }
  fake.add(added)
  return added
}

/** Everything but time goes on; once libvirt was asked for jobs so often, the adapter's patience ends. */
async function losePatience(questions: number): Promise<void> {
  await asked(questions)
  await clock.advance(1_000)
}
const asked = (questions: number) =>
  expect.poll(() => fake.called.filter((name) => name === 'jobStats').length).toBe(questions)
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error) => (error instanceof HypervisorError ? error.code : String(error)),
  )

describe('a domain that libvirt is busy with', () => {
  test('keeps no other from starting', async () => {
    domain({ ...startingUp, job: 'silence' })
    const other = domain(off)
    await hypervisor.start(other.uuid)
    expect(other.state).toBe(running.state)
  })

  test('counts with its memory, as one that starts', async () => {
    domain({ ...startingUp, job: 'silence', memoryKib: 1.5 * 1024 ** 2 })
    const other = domain(off)
    expect(await codeOf(hypervisor.start(other.uuid))).toBe('no_memory')
  })

  test('keeps no other from being told of; itself is said to be here once that is certain', async () => {
    const busy = domain({ ...startingUp, job: 'silence' })
    const other = domain({})
    const seen = hypervisor.domains()
    await losePatience(2)
    const [first, second] = await seen
    expect(first).toMatchObject({ uuid: busy.uuid, state: 'incoming', job: 'other' })
    expect(second).toMatchObject({ uuid: other.uuid, state: 'running', job: 'none' })

    Object.assign(busy, running)
    fake.answerJobs(noJob)
    busy.job = noJob
    expect(await hypervisor.domain(busy.uuid)).toMatchObject({ state: 'running', job: 'none' })
  })

  test('is waited for by whoever has to know; libvirt is asked once for all of them', async () => {
    const busy = domain({ ...startingUp, job: 'silence' })
    const sure = hypervisor.domain(busy.uuid, true)
    const glance = hypervisor.domain(busy.uuid)
    await losePatience(1)
    expect(await glance).toMatchObject({ state: 'incoming' })
    Object.assign(busy, running, { job: noJob })
    fake.answerJobs(noJob)
    expect(await sure).toMatchObject({ state: 'running', job: 'none' })
  })

  test('is not taken for one without a job', async () => {
    const busy = domain({ ...suspended, job: locked })
    expect(await codeOf(hypervisor.resume(busy.uuid))).toBe('busy')
    expect(fake.called).not.toContain('create')
    expect(await hypervisor.domain(busy.uuid)).toMatchObject({ state: 'paused', job: 'other' })
  })

  test('that was leaving still is, until libvirt says otherwise', async () => {
    const busy = domain({ job: leaves })
    expect(await hypervisor.domain(busy.uuid)).toMatchObject({ job: 'migration-out' })
    busy.job = locked
    expect(await hypervisor.domain(busy.uuid)).toMatchObject({ job: 'migration-out' })
    busy.job = noJob
    expect(await hypervisor.domain(busy.uuid)).toMatchObject({ job: 'none' })
  })

  test('that has left and starts here again one day is not taken for leaving', async () => {
    const moving = domain({ job: leaves })
    expect(await hypervisor.domains()).toMatchObject([{ job: 'migration-out' }])
    fake.domains.delete(moving.uuid)
    expect(await hypervisor.domains()).toEqual([])
    fake.add({ ...moving, ...startingUp, job: locked })
    expect(await hypervisor.domain(moving.uuid)).toMatchObject({ state: 'incoming', job: 'other' })
  })

  test('that arrives is said to, and is not started', async () => {
    const busy = domain({ ...startingUp, job: arrives })
    expect(await hypervisor.domain(busy.uuid)).toMatchObject({ state: 'incoming', job: 'migration-in' })
    expect(await codeOf(hypervisor.start(busy.uuid))).toBe('busy')
  })
})

test('a domain that goes while it is looked at is not told of', async () => {
  const moving = domain({ ...startingUp, job: 'silence' })
  const look = hypervisor.domain(moving.uuid, true)
  await asked(1)
  fake.domains.delete(moving.uuid)
  fake.answerJobs(noJob)
  expect(await look).toBeNull()
})

test('a migration that libvirt is too busy to tell of is not over', async () => {
  const moving = domain({ job: leaves })
  const rejoined = codeOf(hypervisor.rejoinMigration(moving.uuid, {}))
  await asked(2)
  moving.job = locked
  for (let questions = 3; questions <= 5; questions++) {
    await expect
      .poll(async () => {
        await clock.advance(300)
        return fake.called.filter((name) => name === 'jobStats').length
      })
      .toBeGreaterThanOrEqual(questions)
  }
  expect(await Promise.race([rejoined, 'goes on'])).toBe('goes on')
  moving.job = noJob
  await expect
    .poll(async () => {
      await clock.advance(300)
      return Promise.race([rejoined, 'goes on'])
    })
    .toBe('failed')
})

describe('an order that libvirt did not answer', () => {
  test('has been carried out when the VM shows it', async () => {
    const starts = domain(off)
    fake.onCreate((of, peer) => {
      Object.assign(of, running, { id: 7 })
      peer.hangUp()
      return false
    })
    expect(await codeOf(hypervisor.start(starts.uuid))).toBe('done')
  })

  test('has failed when it does not', async () => {
    const starts = domain(off)
    fake.onCreate((_, peer) => {
      peer.hangUp()
      return false
    })
    expect(await codeOf(hypervisor.start(starts.uuid))).toBe('unreachable')
  })
})
