import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import type { Watchdog } from '@drover/agent'
import { killMs } from '@drover/protocol'

const device = '/dev/watchdog'

/**
 * The host's watchdog, by the kernel's interface: it begins with the first feeding, and the letter V lets go of it. Throws a
 * sentence when there is none or it would take longer than control waits.
 */
export function openWatchdog(path = device): Watchdog {
  const seconds = killMs / 1_000
  try {
    execFileSync('wdctl', ['--settimeout', String(seconds), path], { stdio: 'ignore', timeout: 5_000 })
  } catch {
    // Not every driver lets it be set; what counts is what it is.
  }
  const timeoutMs = readTimeout() * 1_000
  if (timeoutMs > killMs) {
    throw new Error(
      `The watchdog resets this host after ${timeoutMs / 1_000} s; it must be ${seconds} s at most (softdog: modprobe softdog soft_margin=${seconds}).`,
    )
  }
  let file: number | null = null
  return {
    timeoutMs,
    feed() {
      file ??= openSync(path, 'w')
      writeSync(file, '\0')
    },
    close() {
      if (file === null) return
      writeSync(file, 'V')
      closeSync(file)
      file = null
    },
  }
}

function readTimeout(): number {
  try {
    return Number(readFileSync('/sys/class/watchdog/watchdog0/timeout', 'utf8'))
  } catch {
    throw new Error(
      'There is no watchdog (no /sys/class/watchdog/watchdog0). Load its driver, or one in software: modprobe softdog soft_margin=10',
    )
  }
}
