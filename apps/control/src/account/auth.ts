import { apiKey } from '@better-auth/api-key'
import { betterAuth } from 'better-auth'
import { prismaAdapter } from 'better-auth/adapters/prisma'
import { username } from 'better-auth/plugins/username'
import type { PrismaClient } from './database'
import { hashPassword, verifyPassword } from './password'

const DAY_S = 24 * 3600

export interface AuthOptions {
  database: PrismaClient
  secret: string
  publicUrls: string[]
}

/** Header that carries the caller's address to Better Auth's rate limit; set by us, never taken from outside. */
export const CLIENT_ADDRESS = 'x-drover-client'

/** The only paths of Better Auth that are reachable; everything else about accounts is a procedure of the API. */
export const authPaths = new Map([
  ['/api/auth/sign-in/username', 'POST'],
  ['/api/auth/sign-out', 'POST'],
  ['/api/auth/get-session', 'GET'],
])

/** Better Auth, set up for names and passwords, sessions in cookies, and keys for programs. */
export function createAuth({ database, secret, publicUrls }: AuthOptions) {
  return betterAuth({
    appName: 'Drover',
    basePath: '/api/auth',
    baseURL: publicUrls[0],
    secret,
    database: prismaAdapter(database, { provider: 'postgresql' }),
    // A dashboard may be opened by any name of the machine: a request from its own origin is trusted too.
    trustedOrigins: (request) => [...publicUrls, ...ownOrigins(request)],
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 8,
      maxPasswordLength: 200,
      password: { hash: hashPassword, verify: verifyPassword },
    },
    user: { additionalFields: { role: { type: 'string', required: true, input: false } } },
    session: { expiresIn: 7 * DAY_S, updateAge: DAY_S },
    plugins: [
      username({ minUsernameLength: 2, maxUsernameLength: 50, usernameValidator: () => true }),
      apiKey({
        defaultPrefix: 'drover_',
        rateLimit: { enabled: false },
        maximumNameLength: 100,
        startingCharactersConfig: { charactersLength: 11 },
        keyExpiration: { defaultExpiresIn: null, minExpiresIn: 0, maxExpiresIn: 3650 },
      }),
    ],
    rateLimit: {
      enabled: true,
      storage: 'memory',
      customRules: {
        '/sign-in/username': { window: 60, max: 10 },
        '/get-session': false,
      },
    },
    advanced: {
      cookiePrefix: 'drover',
      useSecureCookies: publicUrls.every((url) => url.startsWith('https:')),
      ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS] },
    },
    telemetry: { enabled: false },
    logger: { disabled: true },
  })
}

export type Auth = ReturnType<typeof createAuth>

function ownOrigins(request: Request | undefined): string[] {
  const host = request?.headers.get('host')
  return host ? [`http://${host}`, `https://${host}`] : []
}
