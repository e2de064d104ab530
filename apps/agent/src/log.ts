import type { Log } from '@drover/agent'
import { type Logger, pino } from 'pino'

export function makeLogger(): Logger {
  return pino({ level: process.env.DROVER_LOG_LEVEL ?? 'info', base: { pid: process.pid } })
}

/** The agent's log, by pino. */
export function logOf(logger: Logger): Log {
  return {
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
  }
}
