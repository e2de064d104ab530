import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EventBody, Refusal } from '@drover/model'
import { sayRefusal } from '@drover/model'
import { type Auth, authPaths, CLIENT_ADDRESS } from '../account/auth'
import type { Sessions } from '../account/sessions'
import { answer } from './answer'

export interface AuthParts {
  auth: Auth
  sessions: Sessions
  record(event: EventBody): void
}

const BODY_LIMIT = 16_384
const SIGN_IN = '/api/auth/sign-in/username'

/** Sign-in, sign-out and "who am I"; every other path of Better Auth is closed. */
export async function handleAuth(
  { auth, sessions, record }: AuthParts,
  request: IncomingMessage,
  response: ServerResponse,
  caller: { address: string; host: string; path: string },
): Promise<void> {
  const method = authPaths.get(caller.path)
  if (!method) return answer(response, 404, { message: 'There is nothing at this address.' })
  if (request.method !== method) return answer(response, 405, { message: `Ask with ${method}.` })
  const body = method === 'POST' ? await readBody(request) : null
  if (body === undefined) return answer(response, 413, { message: 'The request is too large.' })

  const headers = headersOf(request)
  headers.set(CLIENT_ADDRESS, caller.address)
  headers.set('host', caller.host)
  const url = `http://${caller.host || 'localhost'}${request.url}`
  const result = await auth
    .handler(new Request(url, { method, headers, body }))
    .catch(() => new Response(null, { status: 500 }))

  if (caller.path !== '/api/auth/get-session') sessions.forget(headers)
  if (caller.path === SIGN_IN) {
    const user = nameIn(body)
    if (result.status === 200) record({ kind: 'user.signed_in', user, address: caller.address })
    if (result.status === 401) record({ kind: 'user.sign_in_failed', user, address: caller.address })
  }
  if (result.status >= 400) return answer(response, ...explain(result))
  response.statusCode = result.status
  for (const [name, value] of result.headers) if (name !== 'set-cookie') response.setHeader(name, value)
  response.setHeader('set-cookie', result.headers.getSetCookie())
  response.setHeader('cache-control', 'no-store')
  response.end(await result.text())
}

/** A failure in the words of somebody who wants to sign in. */
function explain(result: Response): [number, { message: string; refusals?: Refusal[] }] {
  switch (result.status) {
    case 400:
    case 401:
    case 422:
      return [401, { message: 'Name or password is not right. Check both and try again.' }]
    case 403:
      return [
        403,
        {
          message:
            'This request comes from another site. Open the dashboard by its own address and sign in there.',
        },
      ]
    case 429: {
      const seconds = Number(result.headers.get('x-retry-after') ?? 60)
      return [429, { message: `Too many attempts. Wait ${seconds} seconds and try again.` }]
    }
    default: {
      const refusal: Refusal = { code: 'database_away', sinceAt: null }
      const message = `Nobody can sign in now. ${sayRefusal(refusal)}`
      return [503, { message, refusals: [refusal] }]
    }
  }
}

/** The headers of a request as the web's own type. */
export function headersOf(request: { headers: IncomingMessage['headers'] }): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) {
    for (const one of [value ?? []].flat()) headers.append(name, one)
  }
  headers.delete(CLIENT_ADDRESS)
  return headers
}

/** The body, or `undefined` when it is too large. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > BODY_LIMIT) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** The name that somebody tried to sign in with, fit for history. */
function nameIn(body: Buffer | null): string {
  try {
    const { username } = JSON.parse(String(body)) as { username?: unknown }
    return String(username ?? '')
      .replace(/[^\p{L}\p{N}._@ -]/gu, '?')
      .slice(0, 50)
  } catch {
    return ''
  }
}
