import { randomUUID } from 'node:crypto'
import type { Account, AccountAnswer, Accounts, ApiKey } from '@drover/api'
import type { Refusal, Role } from '@drover/model'
import type { Auth } from './auth'
import type { PrismaClient } from './database'
import { hashPassword, verifyPassword } from './password'
import type { Sessions } from './sessions'

export interface AccountParts {
  database: PrismaClient
  auth: Auth
  sessions: Sessions
}

/** People and keys in the tables that Better Auth reads. What it answers is what was stored. */
export function accountsIn({ database, auth, sessions }: AccountParts): Accounts {
  const byId = (id: string) => database.user.findUnique({ where: { id } })

  /** Ends what somebody is signed in with, wherever it is remembered. */
  const signOut = async (userId: string) => {
    await database.session.deleteMany({ where: { userId } })
    sessions.forgetUser(userId)
  }

  /** The last admin cannot be lost: nobody could make another one. */
  const keepsAnAdmin = async (user: { id: string; username: string; role: string }): Promise<Refusal[]> => {
    if (user.role !== 'admin') return []
    const others = await database.user.count({ where: { role: 'admin', id: { not: user.id } } })
    if (others > 0) return []
    return [invalid(user.username, 'is the only admin', 'Make somebody else an admin first.')]
  }

  const setPassword = async (userId: string, password: string) => {
    const hash = await hashPassword(password)
    await database.account.updateMany({
      where: { userId, providerId: 'credential' },
      data: { password: hash },
    })
  }

  return {
    async list() {
      return (await database.user.findMany({ orderBy: { username: 'asc' } })).map(accountOf)
    },

    async create({ name, password, role }) {
      const hash = await hashPassword(password)
      const id = randomUUID()
      try {
        const row = await database.user.create({
          data: {
            id,
            username: name,
            displayUsername: name,
            name,
            role,
            email: `${encodeURIComponent(name)}@users.drover.invalid`,
            accounts: {
              create: { id: randomUUID(), accountId: id, providerId: 'credential', password: hash },
            },
          },
        })
        return { ok: true, value: accountOf(row) }
      } catch (error) {
        if ((error as { code?: string }).code !== 'P2002') throw error // unique constraint
        return no({ code: 'name_taken', noun: 'user', name })
      }
    },

    async changeRole(userId, role) {
      const user = await byId(userId)
      if (!user) return notFound(userId)
      const refusals = role === 'admin' ? [] : await keepsAnAdmin(user)
      if (refusals.length > 0) return { ok: false, refusals }
      const row = await database.user.update({ where: { id: userId }, data: { role } })
      await signOut(userId)
      return { ok: true, value: accountOf(row) }
    },

    async resetPassword(userId, password) {
      const user = await byId(userId)
      if (!user) return notFound(userId)
      await setPassword(userId, password)
      await signOut(userId)
      return { ok: true, value: accountOf(user) }
    },

    async remove(userId) {
      const user = await byId(userId)
      if (!user) return notFound(userId)
      const refusals = await keepsAnAdmin(user)
      if (refusals.length > 0) return { ok: false, refusals }
      await database.$transaction([
        database.apikey.deleteMany({ where: { referenceId: userId } }),
        database.user.delete({ where: { id: userId } }),
      ])
      sessions.forgetUser(userId)
      return { ok: true, value: accountOf(user) }
    },

    async changePassword(user, current, next) {
      const row = await byId(user.id)
      const account = await database.account.findFirst({
        where: { userId: user.id, providerId: 'credential' },
      })
      if (!row || !account?.password) return notFound(user.name)
      if (!(await verifyPassword({ hash: account.password, password: current }))) {
        return no(invalid('current password', 'is not right', 'Type the password that you signed in with.'))
      }
      await setPassword(user.id, next)
      await signOut(user.id)
      return { ok: true, value: accountOf(row) }
    },

    async createKey(user, { name, expiresInMs }) {
      const expiresIn = expiresInMs === null ? null : Math.round(expiresInMs / 1000)
      const made = await auth.api.createApiKey({ body: { name, userId: user.id, expiresIn } })
      const row = await database.apikey.findUniqueOrThrow({ where: { id: made.id } })
      return { ok: true, value: { ...keyOf(row), secret: made.key } }
    },

    async listKeys(user) {
      const where = { referenceId: user.id }
      return (await database.apikey.findMany({ where, orderBy: { createdAt: 'asc' } })).map(keyOf)
    },

    async revokeKey(user, keyId) {
      const row = await database.apikey.findFirst({ where: { id: keyId, referenceId: user.id } })
      if (!row) return no({ code: 'not_found', noun: 'API key', id: keyId })
      await database.apikey.delete({ where: { id: keyId } })
      sessions.forgetUser(user.id)
      return { ok: true, value: keyOf(row) }
    },
  }
}

const no = (refusal: Refusal): AccountAnswer<never> => ({ ok: false, refusals: [refusal] })
const notFound = (id: string) => no({ code: 'not_found', noun: 'user', id })
const invalid = (field: string, problem: string, remedy: string): Refusal => ({
  code: 'invalid',
  field,
  problem,
  remedy,
})

const accountOf = (row: { id: string; username: string; role: string; createdAt: Date }): Account => ({
  id: row.id,
  name: row.username,
  role: row.role as Role,
  createdAt: row.createdAt.getTime(),
})

const keyOf = (row: {
  id: string
  name: string | null
  start: string | null
  createdAt: Date
  lastRequest: Date | null
  expiresAt: Date | null
}): ApiKey => ({
  id: row.id,
  name: row.name ?? '',
  start: row.start,
  createdAt: row.createdAt.getTime(),
  lastUsedAt: row.lastRequest?.getTime() ?? null,
  expiresAt: row.expiresAt?.getTime() ?? null,
})
