import { createHash } from 'node:crypto'
import type { Role, User } from '@drover/model'
import type { Auth } from './auth'
import type { PrismaClient } from './database'

/** Reading a session costs several queries and hashes; this long an answer is believed without asking again. */
const FRESH_MS = 10_000
/** How long somebody who was signed in when the database went away stays so. */
const STALE_MS = 12 * 3_600_000
const LIMIT = 10_000

interface Remembered {
  user: User
  at: number
}

/** Who is asking: by the cookie of a browser or by the key of a program. */
export interface Sessions {
  /** Null: not signed in. Throws when that cannot be found out, because the database is away. */
  identify(headers: Headers): Promise<User | null>
  /** What a user was signed in with must be looked up again. */
  forgetUser(userId: string): void
  /** As above, for one cookie or key. */
  forget(headers: Headers): void
}

/** Sessions of Better Auth, remembered for at most ten seconds, and through a database that is away. */
export function rememberedSessions(auth: Auth, database: PrismaClient, now: () => number): Sessions {
  const known = new Map<string, Remembered>()

  return {
    async identify(headers) {
      const proof = proofOf(headers)
      if (!proof) return null
      const id = createHash('sha256').update(`${proof.kind} ${proof.value}`).digest('base64')
      const remembered = known.get(id)
      if (remembered && now() - remembered.at < FRESH_MS) return remembered.user
      try {
        const user =
          proof.kind === 'key' ? await userOfKey(auth, proof.value) : await userOfCookie(auth, headers)
        // Better Auth says "not signed in" when it could not ask, too.
        if (!user) await database.$queryRaw`SELECT 1`
        known.delete(id)
        if (user) known.set(id, { user, at: now() })
        if (known.size > LIMIT) known.delete(known.keys().next().value as string)
        return user
      } catch (error) {
        if (remembered && now() - remembered.at < STALE_MS) return remembered.user
        throw error
      }
    },
    forgetUser(userId) {
      for (const [id, { user }] of known) if (user.id === userId) known.delete(id)
    },
    forget(headers) {
      const proof = proofOf(headers)
      if (!proof) return
      known.delete(createHash('sha256').update(`${proof.kind} ${proof.value}`).digest('base64'))
    },
  }
}

const COOKIE = /(?:^|;\s*)(?:__Secure-)?drover\.session_token=([^;]+)/

function proofOf(headers: Headers): { kind: 'key' | 'cookie'; value: string } | null {
  const key = /^Bearer (\S+)$/i.exec(headers.get('authorization') ?? '')?.[1]
  if (key) return { kind: 'key', value: key }
  const cookie = COOKIE.exec(headers.get('cookie') ?? '')?.[1]
  return cookie ? { kind: 'cookie', value: cookie } : null
}

/** Whether the request proves itself by a cookie, which browsers send without being asked. */
export function usesCookie(headers: Headers): boolean {
  return proofOf(headers)?.kind === 'cookie'
}

async function userOfCookie(auth: Auth, headers: Headers): Promise<User | null> {
  const found = await auth.api.getSession({ headers, query: { disableRefresh: true } })
  if (!found) return null
  const user = found.user as typeof found.user & { username?: string | null }
  return { id: user.id, name: user.username ?? user.name, role: user.role as Role }
}

async function userOfKey(auth: Auth, key: string): Promise<User | null> {
  const { valid, key: row } = await auth.api.verifyApiKey({ body: { key } })
  if (!valid || !row) return null
  const context = await auth.$context
  const user = (await context.internalAdapter.findUserById(row.referenceId)) as
    | ({ id: string; name: string; role: string } & { username?: string })
    | null
  return user && { id: user.id, name: user.username ?? user.name, role: user.role as Role }
}
