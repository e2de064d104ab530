import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import type { Log, Machine, Watchdog } from '@drover/agent'
import type { Config } from '../config'
import { reaches } from './probe'
import { openWatchdog } from './watchdog'

/** The machine that this process runs on. */
export function thisMachine(config: Pick<Config, 'watchdog' | 'power'>, log: Log): Machine {
  return {
    uptimeMs: () => Math.round(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1_000),
    async shutdown(reboot) {
      const [program, ...args] = reboot ? config.power.reboot : config.power.off
      await promisify(execFile)(program!, args, { timeout: 30_000 })
    },
    goesDown,
    reaches,
    watchdog: config.watchdog ? watchdogOrNone(log) : null,
  }
}

/** systemd says that it is stopping from the first service that it ends to the last; without systemd nobody can tell. */
async function goesDown(): Promise<boolean> {
  // It ends with another code than 0 whenever the answer is not "running".
  const said = await promisify(execFile)('systemctl', ['is-system-running'], { timeout: 1_000 }).catch(
    (error: { stdout?: string }) => error,
  )
  return said.stdout?.trim() === 'stopping'
}

/** An agent without its watchdog is better than none; what it is able to do it says to control. */
function watchdogOrNone(log: Log): Watchdog | null {
  try {
    return openWatchdog()
  } catch (error) {
    log.error(`runs without a watchdog. ${(error as Error).message}`)
    return null
  }
}
