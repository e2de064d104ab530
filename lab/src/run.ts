import { execFile } from 'node:child_process'

export interface RunOptions {
  timeoutMs?: number
  input?: string
  cwd?: string
}

/**
 * Runs a program to its end and gives its standard output. Rejects when it fails or exceeds its deadline (default
 * 60 s); the message has the command and what it printed.
 */
export function run(command: string, args: string[], options: RunOptions = {}): Promise<string> {
  const { timeoutMs = 60_000, input, cwd } = options
  return new Promise((resolve, reject) => {
    const settings = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 1 << 26, cwd } as const
    const child = execFile(command, args, settings, (error, stdout, stderr) => {
      if (!error) return resolve(stdout)
      const why = error.killed
        ? `no end after ${timeoutMs} ms`
        : stderr.trim() || stdout.trim() || error.message
      reject(new Error(`${command} ${args.join(' ')}: ${why}`))
    })
    if (input !== undefined) child.stdin?.end(input)
  })
}

/** Asks until the answer is not undefined or false. Throws after the deadline, naming what was waited for. */
export async function until<T>(
  what: string,
  timeoutMs: number,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  everyMs = 20,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}

/** The word as a shell takes it literally. */
export const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`
