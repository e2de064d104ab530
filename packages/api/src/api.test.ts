import { createControl, directPlanner, StoreAway } from '@drover/control'
import { noFencing } from '@drover/fencing'
import type { Role, Task, User } from '@drover/model'
import { MemoryStore } from '@drover/store'
import type { TRPCError } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Accounts } from './accounts'
import type { ApiContext } from './context'
import { Refused } from './refused'
import { appRouter } from './router'
import { createCallerFactory, type ErrorData } from './trpc'

const clock = {
  now: Date.now,
  setTimer(ms: number, run: () => void) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
const quiet = { info() {}, warn() {}, error() {} }
let chance = 0
const random = {
  uuid: () => `00000000-0000-4000-8000-${String(++chance).padStart(12, '0')}`,
  hex: (bytes: number) => String(++chance).padStart(bytes * 2, '0'),
}

describe('the API', () => {
  const secrets = { seal: (text: string) => `sealed ${text}`, open: (sealed: string) => sealed.slice(7) }
  let store: MemoryStore
  let control: ReturnType<typeof createControl>

  beforeEach(async () => {
    store = new MemoryStore(clock)
    control = createControl({
      daemon: 'one',
      clock,
      random,
      log: quiet,
      store,
      fencing: noFencing,
      secrets,
      planner: directPlanner,
      reaches: async () => true,
    })
    await control.start()
  })
  afterEach(() => control.stop())

  const contextOf = (role: Role | null): ApiContext => {
    const user: User | null = role && { id: `user-${role}`, name: role, role }
    const about = {
      version: '1.2.3',
      daemon: 'one',
      database: 'built in',
      startedAt: 1,
      demo: false,
      agentUrls: ['https://control:8443'],
      agentFingerprint: 'ab'.repeat(32),
      agentPublicKeyPin: 'c'.repeat(43),
    }
    const accounts = {} as Accounts
    return { control, user, accounts, about, now: clock.now, sourceAddress: '192.0.2.1' }
  }
  const as = (role: Role | null) => createCallerFactory(appRouter)(contextOf(role))
  /** As a client gets it, by HTTP. */
  const post = async (procedure: string, input: unknown, role: Role | null) => {
    const response = await fetchRequestHandler({
      endpoint: '/api/trpc',
      router: appRouter,
      req: new Request(`http://x/api/trpc/${procedure}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(input),
      }),
      createContext: () => contextOf(role),
    })
    const { error } = (await response.json()) as { error: { message: string; data: ErrorData } }
    return { status: response.status, error }
  }
  const refusalsOf = async (asked: Promise<unknown>) => {
    const error = await asked.then(
      () => expect.fail('it was not refused'),
      (thrown: unknown) => thrown as TRPCError,
    )
    return { code: error.code, refusals: error.cause instanceof Refused ? error.cause.refusals : [] }
  }

  it('answers nobody who is not signed in', async () => {
    await expect(as(null).session.me()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    await expect(as(null).inventory.snapshot()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    await expect(as(null).datacenter.create({ name: 'Berlin' })).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    })
  })

  it('lets auditors read, operators act and admins define', async () => {
    await expect(as('auditor').inventory.snapshot()).resolves.toMatchObject({ rows: { vm: [] } })
    expect(await refusalsOf(as('auditor').vm.start({ vmId: 'vm-1' }))).toEqual({
      code: 'FORBIDDEN',
      refusals: [{ code: 'forbidden', role: 'auditor', needs: 'operator' }],
    })
    expect(await refusalsOf(as('operator').datacenter.create({ name: 'Berlin' }))).toEqual({
      code: 'FORBIDDEN',
      refusals: [{ code: 'forbidden', role: 'operator', needs: 'admin' }],
    })
    expect(await refusalsOf(as('operator').vm.start({ vmId: 'vm-1' }))).toMatchObject({ code: 'NOT_FOUND' })
    await expect(as('admin').datacenter.create({ name: 'Berlin' })).resolves.toEqual({ done: true })
  })

  it('makes a change, says who made it, and refuses it the second time with the reason', async () => {
    const admin = as('admin')
    await admin.datacenter.create({ name: ' Berlin ', reason: ' a second site ' })
    const { rows } = await admin.inventory.snapshot()
    expect(rows.datacenter).toEqual([{ id: 'datacenter-1', name: 'Berlin' }])
    const { events } = await admin.event.list({ kinds: ['datacenter.created'], limit: 10 })
    expect(events).toMatchObject([
      {
        initiator: { kind: 'user', name: 'admin' },
        subjects: ['datacenter-1'],
        reason: 'a second site',
      },
    ])
    expect(await refusalsOf(admin.datacenter.create({ name: 'Berlin' }))).toEqual({
      code: 'CONFLICT',
      refusals: [{ code: 'name_taken', noun: 'datacenter', name: 'Berlin' }],
    })
  })

  it('changes nothing on a dry run, and finds the same reasons', async () => {
    const admin = as('admin')
    await expect(admin.datacenter.create({ name: 'Berlin', dryRun: true })).resolves.toEqual({ done: false })
    expect((await admin.inventory.snapshot()).rows.datacenter).toEqual([])
    await admin.datacenter.create({ name: 'Berlin' })
    expect((await refusalsOf(admin.datacenter.create({ name: 'Berlin', dryRun: true }))).code).toBe(
      'CONFLICT',
    )
  })

  it('names the fields that are wrong', async () => {
    const input = {
      clusterId: 'cluster-1',
      name: '-x',
      vcpus: 0,
      memoryBytes: 5,
      image: { datastoreId: 'datastore-1', path: '../../etc/shadow' },
    }
    const { status, error } = await post('vm.create', input, 'operator')
    expect(status).toBe(400)
    expect(error.data.refusals).toEqual([
      expect.objectContaining({ code: 'invalid', field: 'name', remedy: 'Change the name.' }),
      expect.objectContaining({ field: 'vcpus', problem: 'must be at least 1', remedy: 'A VM needs a CPU.' }),
      expect.objectContaining({ field: 'memoryBytes', problem: 'is less than 16 MiB' }),
      expect.objectContaining({ field: 'image.path', problem: 'must lie within the datastore' }),
    ])
    expect(error.message).toContain('vcpus: must be at least 1. A VM needs a CPU.')
    expect(error.data).not.toHaveProperty('stack')
    await expect(as('auditor').vm.show({ vmId: 'host-1' as never })).rejects.toThrow(/must be the id of a VM/)
  })

  it('gives a join command with address, pin and token, and keeps the token out of the world', async () => {
    const admin = as('admin')
    await admin.datacenter.create({ name: 'Berlin' })
    await admin.cluster.create({ datacenterId: 'datacenter-1', name: 'prod' })
    const made = await admin.host.createJoinToken({ clusterId: 'cluster-1' })
    for (const part of [
      `--pinnedpubkey 'sha256//${'c'.repeat(43)}'`,
      'https://control:8443/drover-agent.mjs',
      '--server https://control:8443',
      `--pin sha256:${'ab'.repeat(32)}`,
      `--token ${made.token}`,
    ])
      expect(made.command).toContain(part)
    expect(JSON.stringify([...control.world.tables.token.values()])).not.toContain(made.token)
  })

  it('says that the database is away instead of changing anything, and goes on reading', async () => {
    const admin = as('admin')
    store.away = true
    const { code, refusals } = await refusalsOf(admin.datacenter.create({ name: 'Berlin' }))
    expect({ code, refusals }).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      refusals: [{ code: 'database_away' }],
    })
    expect((await admin.inventory.snapshot()).rows.datacenter).toEqual([])
  })

  it('verifies history', async () => {
    await as('admin').datacenter.create({ name: 'Berlin' })
    await expect(as('auditor').event.verify()).resolves.toMatchObject({ ok: true })
  })

  it('pages through history by number', async () => {
    const admin = as('admin')
    for (const name of ['A', 'B', 'C']) await admin.datacenter.create({ name })
    const kinds = ['datacenter.created']
    const first = await admin.event.list({ kinds, limit: 2 })
    expect(first.events).toHaveLength(2)
    const rest = await admin.event.list({ kinds, limit: 2, beforeSeq: first.nextBeforeSeq! })
    expect(rest.events).toHaveLength(1)
    expect(rest.nextBeforeSeq).toBeNull()
  })

  it('says that the database is away to those who only read, too', async () => {
    control.events = () => Promise.reject(new StoreAway('no answer', false))
    await expect(as('auditor').event.list()).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: expect.stringMatching(/^The database cannot be reached/),
    })
  })

  it('says nothing of what went wrong inside', async () => {
    control.propose = () => Promise.reject(new Error('secret of the house'))
    const { status, error } = await post('datacenter.create', { name: 'Berlin' }, 'admin')
    expect(status).toBe(500)
    expect(error.message).toMatch(/^Drover failed at this through a fault of its own\./)
    expect(JSON.stringify(error)).not.toContain('secret')
    expect((await post('no.such', {}, 'admin')).error.message).toMatch(/does not know that procedure/)
  })

  it('keeps the working memory of tasks to itself: orders carry one-time keys', async () => {
    const admin = as('admin')
    await admin.datacenter.create({ name: 'Berlin' })
    await admin.cluster.create({ datacenterId: 'datacenter-1', name: 'prod' })
    const task: Task = {
      id: 'task-1',
      kind: 'vm.stop',
      params: {},
      vmId: null,
      vmName: 'web',
      host: null,
      parentId: null,
      clusterId: 'cluster-1',
      hostIds: [],
      networkIds: [],
      datastoreIds: [],
      state: 'failed',
      initiator: { kind: 'drover' },
      reason: null,
      steps: [],
      commands: 1,
      command: {
        id: 'task-1/1',
        hostId: 'host-1',
        body: { kind: 'k', key: 'sesame' } as never,
        cancelled: false,
      },
      result: { ok: true, data: 'sesame' },
      memo: { key: 'sesame' },
      waiting: null,
      outcome: null,
      createdAt: 1,
      startedAt: null,
      endedAt: 2,
      wakeAt: null,
    }
    const body = {
      kind: 'task.created',
      task: { id: task.id, name: 'stop web' },
      what: task.kind,
      vm: null,
    } as const
    await control.propose({ kind: 'drover' }, (_world, { initiator }) => ({
      ok: true,
      change: [{ body, initiator, rows: [{ table: 'task', id: task.id, row: task }] }],
      value: null,
    }))
    const seen = [
      await admin.task.show({ taskId: 'task-1' }),
      await admin.task.list(),
      await admin.event.list(),
      await admin.inventory.snapshot(),
    ]
    expect(seen[1]).toMatchObject({ tasks: [{ id: 'task-1', vmName: 'web' }] })
    expect(JSON.stringify(seen)).not.toContain('sesame')
  })
})
