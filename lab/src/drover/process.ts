import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Program } from './programs'

/** A program that a test may kill and start again. */
export interface Service {
  readonly pid: number
  readonly running: boolean
  start(): void
  /** Resolves when it has gone. SIGTERM that is not obeyed within `graceMs` becomes SIGKILL. */
  end(signal: 'SIGTERM' | 'SIGKILL', graceMs?: number): Promise<void>
}

/** Not started yet. Everything that it prints is appended to `logFile`. */
export function service(program: Program, env: Record<string, string>, logFile: string): Service {
  let child: ChildProcess | undefined
  const alive = (): boolean => child !== undefined && child.exitCode === null && child.signalCode === null
  return {
    get pid() {
      return child?.pid ?? 0
    },
    get running() {
      return alive()
    },
    start() {
      mkdirSync(dirname(logFile), { recursive: true })
      const log = openSync(logFile, 'a')
      // When whoever started it is killed, it is too.
      child = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, ...program.args], {
        cwd: program.cwd,
        env: { ...process.env, ...env },
        stdio: ['ignore', log, log],
      })
      closeSync(log)
    },
    async end(signal, graceMs = 6_000) {
      const ending = child
      if (!ending || !alive()) return
      const gone = new Promise((resolve) => ending.once('exit', resolve))
      ending.kill(signal)
      const timer = setTimeout(() => ending.kill('SIGKILL'), graceMs)
      await gone
      clearTimeout(timer)
    },
  }
}

/** The end of a log, for the message of a failure. */
export function tail(file: string, lines = 15): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
  } catch {
    return `${file} is not there`
  }
}
