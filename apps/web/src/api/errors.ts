import { type Refusal, sayRefusals } from '@drover/model'
import { TRPCClientError } from '@trpc/client'

interface ErrorData {
  code?: string
  refusals?: Refusal[]
}

function dataOf(error: unknown): ErrorData {
  return error instanceof TRPCClientError ? ((error.data as ErrorData | null) ?? {}) : {}
}

/** The reasons that an answer carried; none when it failed for another cause. */
export function refusalsOf(error: unknown): Refusal[] {
  return dataOf(error).refusals ?? []
}

/** Whether the server has said no: asking again would bring the same answer. */
export function isRefused(error: unknown): boolean {
  const { code } = dataOf(error)
  return code !== undefined && code !== 'INTERNAL_SERVER_ERROR'
}

/** Whether there is nothing of the name or number that was asked for. */
export function isMissing(error: unknown): boolean {
  return refusalsOf(error).some(({ code }) => code === 'not_found')
}

/** Whether the session has ended. */
export function isSignedOut(error: unknown): boolean {
  return dataOf(error).code === 'UNAUTHORIZED'
}

const noServer = 'The dashboard’s server does not answer. Check the line to it; this page goes on by itself.'

/** Any failure as a sentence for people: what is wrong and what to do, never a code. */
export function sayError(error: unknown): string {
  const refusals = refusalsOf(error)
  if (refusals.length > 0) return sayRefusals(refusals)
  if (!(error instanceof Error)) return noServer
  if (/failed to fetch|load failed|networkerror|fetch failed/i.test(error.message)) return noServer
  if (/JSON|transform response/i.test(error.message)) {
    return 'The answer could not be read: something between this page and the control daemon is in the way. Try again.'
  }
  return error.message
}
