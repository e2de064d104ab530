import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { EventBody } from '@drover/model'
import { withDatabase } from '@drover/store/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { handleAuth } from '../http/auth'
import { accountsIn } from './accounts'
import { type Auth, createAuth } from './auth'
import { accountDatabase, type PrismaClient } from './database'
import { ensureAdmin } from './first-admin'
import { rememberedSessions, type Sessions } from './sessions'

const test = withDatabase()

describe('accounts', () => {
  let database: PrismaClient
  let auth: Auth
  let sessions: Sessions
  let accounts: ReturnType<typeof accountsIn>
  let url: string
  let close: () => void
  let now = Date.now()
  const events: EventBody[] = []

  beforeAll(async () => {
    database = accountDatabase(test.url)
    auth = createAuth({ database, secret: 's'.repeat(32), publicUrls: ['http://localhost:8080'] })
    sessions = rememberedSessions(auth, database, () => now)
    accounts = accountsIn({ database, auth, sessions })
    const server = createServer((request, response) => {
      const caller = {
        address: String(request.headers['x-test-address'] ?? '192.0.2.1'),
        host: request.headers.host ?? '',
        path: request.url ?? '',
      }
      void handleAuth({ auth, sessions, record: (event) => events.push(event) }, request, response, caller)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    close = () => server.close()
  })
  afterAll(async () => {
    close()
    await database.$disconnect()
  })

  const signIn = (username: string, password: string, address = '192.0.2.1') =>
    fetch(`${url}/api/auth/sign-in/username`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-test-address': address },
      body: JSON.stringify({ username, password }),
    })
  const cookieOf = (response: Response) =>
    new Headers({
      cookie: response.headers
        .getSetCookie()
        .map((line) => line.split(';')[0])
        .join('; '),
    })

  it('makes one admin, once, whose password signs in', async () => {
    const first = await ensureAdmin(accounts, null)
    expect(first.password).toMatch(/^[a-z2-9]{5}(-[a-z2-9]{5}){3}$/)
    expect(await ensureAdmin(accounts, null)).toEqual({ made: false, password: null })

    const response = await signIn('admin', first.password!)
    expect(response.status).toBe(200)
    expect(await sessions.identify(cookieOf(response))).toMatchObject({ name: 'admin', role: 'admin' })
    expect(events).toContainEqual({ kind: 'user.signed_in', user: 'admin', address: '192.0.2.1' })
    const stored = await database.account.findFirstOrThrow()
    expect(stored.password).toMatch(/^\$argon2id\$/)
  })

  it('says the same of an unknown name and a wrong password, and keeps both in history', async () => {
    const wrong = await signIn('admin', 'not this one')
    const unknown = await signIn('nobody', 'not this one')
    expect([wrong.status, unknown.status]).toEqual([401, 401])
    expect(await wrong.json()).toEqual(await unknown.json())
    expect(events).toContainEqual({ kind: 'user.sign_in_failed', user: 'nobody', address: '192.0.2.1' })
  })

  it('ends the sessions of somebody whose role changes, and keeps the last admin', async () => {
    const made = await accounts.create({ name: 'anna', password: 'long enough 1', role: 'operator' })
    if (!made.ok) throw new Error('anna was not made')
    expect(await accounts.create({ name: 'anna', password: 'long enough 1', role: 'admin' })).toMatchObject({
      ok: false,
      refusals: [{ code: 'name_taken', name: 'anna' }],
    })
    const cookie = cookieOf(await signIn('anna', 'long enough 1', '192.0.2.2'))
    expect(await sessions.identify(cookie)).toMatchObject({ role: 'operator' })
    await accounts.changeRole(made.value.id, 'auditor')
    expect(await sessions.identify(cookie)).toBeNull()

    const admin = (await accounts.list()).find((account) => account.role === 'admin')!
    for (const answer of [await accounts.remove(admin.id), await accounts.changeRole(admin.id, 'auditor')]) {
      expect(answer).toMatchObject({
        ok: false,
        refusals: [{ code: 'invalid', problem: 'is the only admin' }],
      })
    }
  })

  it('lets a key act as its owner until it is revoked', async () => {
    const [anna] = (await accounts.list()).filter((account) => account.name === 'anna')
    const user = { id: anna!.id, name: 'anna', role: anna!.role }
    const made = await accounts.createKey(user, { name: 'cron', expiresInMs: null })
    if (!made.ok) throw new Error('the key was not made')
    const headers = new Headers({ authorization: `Bearer ${made.value.secret}` })
    expect(await sessions.identify(headers)).toEqual(user)
    expect(await accounts.listKeys(user)).toMatchObject([
      { name: 'cron', start: made.value.secret.slice(0, 11) },
    ])
    await accounts.revokeKey(user, made.value.id)
    expect(await sessions.identify(headers)).toBeNull()
    expect(await sessions.identify(new Headers({ authorization: 'Bearer drover_made-up' }))).toBeNull()
  })

  it('remembers who is signed in for ten seconds, no longer', async () => {
    const cookie = cookieOf(await signIn('anna', 'long enough 1', '192.0.2.3'))
    await sessions.identify(cookie)
    await database.session.deleteMany({})
    expect(await sessions.identify(cookie)).toMatchObject({ name: 'anna' })
    now += 10_001
    expect(await sessions.identify(cookie)).toBeNull()
  })

  it('slows down somebody who tries passwords, from one address', async () => {
    const attempts: Response[] = []
    for (let i = 0; i < 11; i += 1) attempts.push(await signIn('anna', `guess ${i}`, '192.0.2.4'))
    expect(attempts.slice(0, 10).map((response) => response.status)).toEqual(Array(10).fill(401))
    expect(attempts[10]!.status).toBe(429)
    expect(await attempts[10]!.json()).toEqual({
      message: expect.stringMatching(/^Too many attempts\. Wait \d+ seconds and try again\.$/),
    })
    expect((await signIn('anna', 'long enough 1', '192.0.2.5')).status).toBe(200)
  })

  it('opens no other path of the library', async () => {
    for (const path of [
      'sign-up/email',
      'sign-in/email',
      'update-user',
      'api-key/create',
      'change-password',
    ]) {
      const response = await fetch(`${url}/api/auth/${path}`, { method: 'POST', body: '{}' })
      expect(response.status, path).toBe(404)
    }
  })
})
