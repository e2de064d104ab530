import type { AppRouter, ErrorData } from '@drover/api'
import type { Refusal } from '@drover/model'
import { createTRPCClient, httpLink, splitLink, TRPCClientError } from '@trpc/client'
import { CliError, type ExitCode, exitCodes } from './exit'
import { readCredentials } from './session/credentials'

export type Client = ReturnType<typeof createClient>

const DEFAULT_SERVER = 'http://localhost:8080'
const ANSWER_MS = 60_000

/** The server that is meant: by the environment, else where one is signed in, else this machine. */
export function serverUrl(): string {
  const url = process.env.DROVER_SERVER || readCredentials()?.server || DEFAULT_SERVER
  if (!URL.canParse(url))
    throw new CliError(
      exitCodes.usage,
      `DROVER_SERVER: ${url} is not an address. Give one like ${DEFAULT_SERVER}.`,
    )
  return new URL(url).origin
}

/** The proof of who asks: DROVER_TOKEN, else what `drover login` stored for that very server. */
export function tokenFor(server: string): string | null {
  if (process.env.DROVER_TOKEN) return process.env.DROVER_TOKEN
  const stored = readCredentials()
  return stored && new URL(stored.server).origin === server ? stored.token : null
}

/** The API of `server`, as whoever `headers` proves. */
export function createClient(server: string, headers: Record<string, string>) {
  const ask = (async (input: string | URL | Request, init?: RequestInit) => {
    const response = await fetch(input, { ...init, signal: init?.signal ?? AbortSignal.timeout(ANSWER_MS) })
    if (response.status !== 503) return response
    // A daemon that stands by, and the proxy when nobody leads, answer with a sentence instead.
    const body = (await response
      .clone()
      .json()
      .catch(() => ({}))) as { message?: string; refusals?: Refusal[] }
    if (body.message) throw new CliError(exitCodes.unreachable, body.message, body.refusals)
    return response
  }) as typeof fetch
  const link = { url: `${server}/api/trpc`, headers, fetch: ask }
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        // What is asked goes by POST: rules in it can be longer than an address may be.
        condition: ({ type, input }) => type === 'query' && input !== undefined,
        true: httpLink({ ...link, methodOverride: 'POST' }),
        false: httpLink(link),
      }),
    ],
  })
}

/** Any failure as a sentence and an exit code. */
export function explain(error: unknown, server: string): CliError {
  if (error instanceof CliError) return error
  if (!(error instanceof TRPCClientError)) throw error
  if (error.cause instanceof CliError) return error.cause
  const data = error.data as ErrorData | null | undefined
  if (!data) {
    const { cause } = error.cause ?? {}
    const why = (cause as { code?: string } | undefined)?.code ?? error.message
    return new CliError(
      exitCodes.unreachable,
      `${server} does not answer (${why}). Check DROVER_SERVER and whether Drover runs there.`,
    )
  }
  if (data.code === 'UNAUTHORIZED') {
    return new CliError(
      exitCodes.unreachable,
      `You are not signed in at ${server}. Run: drover login --server ${server}`,
    )
  }
  return new CliError(codeOf(data), error.message, data.refusals)
}

function codeOf(data: ErrorData): ExitCode {
  const codes = new Set(data.refusals.map((refusal) => refusal.code))
  if (codes.has('not_found')) return exitCodes.notFound
  if (codes.has('database_away') || codes.has('not_leading')) return exitCodes.unreachable
  if (codes.has('invalid')) return exitCodes.usage
  return data.refusals.length > 0 ? exitCodes.refused : exitCodes.failed
}
