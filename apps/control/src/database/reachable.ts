import { StoreAway } from '@drover/store'
import type { Logger } from 'pino'

const RETRY_MS = 1_000

/** SQLSTATE classes: connection, operator intervention (starting up, shutting down), too many connections. */
const awayStates = /^(08|57P|53300)/
const awayErrnos = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EPIPE',
])

/** Whether the database could not be asked, as opposed to having said no. */
export function isAway(error: unknown): boolean {
  if (error instanceof StoreAway) return true
  if (error instanceof AggregateError) return error.errors.every(isAway)
  const { code, message, cause } = error as { code?: string; message?: string; cause?: unknown }
  if (code && (awayErrnos.has(code) || awayStates.test(code) || code === 'P1001' || code === 'P1017'))
    return true
  if (/timeout exceeded when trying to connect|Connection terminated/i.test(message ?? '')) return true
  return cause !== undefined && cause !== error && isAway(cause)
}

/** Does what needs the database, as soon as it can be reached. Other failures are thrown. */
export async function reachable<T>(work: () => Promise<T>, log: Logger): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (!isAway(error)) throw error
      if (attempt % 10 === 0) log.warn({ err: error }, 'the database cannot be reached; waiting for it')
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
}
