import pino from 'pino'
import { ConfigError, readConfig } from './config'
import { type Daemon, startDaemon } from './daemon'

/** What people read goes to stdout, the log (JSON lines) to stderr. */
const announce = (line: string) => void process.stdout.write(`${line}\n`)

/** After this long a stop is cut short: the lease runs out by itself, nothing committed is lost. */
const STOP_MS = 5_000

async function main(): Promise<void> {
  const config = readConfig(process.env)
  const log = pino({ level: config.logLevel, base: { daemon: config.daemon } }, pino.destination(2))
  let starting: Promise<Daemon> | null = null
  let stopping = false

  const stop = async () => {
    if (stopping) return
    stopping = true
    setTimeout(() => process.exit(1), STOP_MS).unref()
    // A start that is under way is let finish: what it has begun can then be ended.
    await starting
      ?.then((daemon) => daemon.stop())
      .catch((error) => log.error({ err: error }, 'the stop was not clean'))
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void stop())
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'an error that nobody waited for'))

  starting = startDaemon(config, log, announce)
  await starting
}

main().catch((error: Error) => {
  process.stderr.write(`${error instanceof ConfigError ? error.message : (error.stack ?? error.message)}\n`)
  process.exit(error instanceof ConfigError ? 2 : 1)
})
