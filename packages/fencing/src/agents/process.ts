import { spawn } from 'node:child_process'

export interface Ended {
  /** Null: it was killed, because the time was up or by somebody else. */
  code: number | null
  timedOut: boolean
  stdout: string
  stderr: string
}

/** The end of what it printed is kept; metadata are some 30 kB. */
const keptCharacters = 256 * 1024

/**
 * Runs a program with `input` on its standard input until it ends. When the time is up it is killed with everything that
 * it has started. Its environment is bare and its arguments are the caller's: secrets belong on the standard input.
 * Rejects when it cannot be started.
 */
export function runProgram(
  path: string,
  args: string[],
  { input = '', timeoutMs, searchPath }: { input?: string; timeoutMs: number; searchPath: string },
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, {
      // A process group of its own, so that all of it can be killed.
      detached: true,
      cwd: '/',
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: searchPath, HOME: process.env.HOME ?? '/', LC_ALL: 'C.UTF-8', PYTHONWARNINGS: 'ignore' },
    })
    let timedOut = false
    const out = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        out[name] = (out[name] + text).slice(-keptCharacters)
      })
    }
    const kill = () => {
      try {
        process.kill(-child.pid!, 'SIGKILL')
      } catch {
        // It has ended.
      }
    }
    const timer = setTimeout(
      () => {
        timedOut = true
        kill()
      },
      Math.max(1, timeoutMs),
    )
    child.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    // It may have ended, or not read: its exit code tells.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    child.on('exit', (code) => {
      clearTimeout(timer)
      // What it left behind would hold the pipes open.
      kill()
      const done = () => resolve({ code, timedOut, ...out })
      const late = setTimeout(done, 500)
      child.on('close', () => {
        clearTimeout(late)
        done()
      })
    })
  })
}
