import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
const MAIN = path('../main.ts')
const CLI_BUILD = path('../../../cli/build.mjs')
const AGENT = path('../../../agent/src/main.ts')

/** A program of ours as a process of its own, with all that it has printed. */
export interface Running {
  child: ChildProcess
  printed(): string
  /** What it printed as its result: stdout alone. */
  result(): string
  /** The exit code, or the signal that ended it. */
  ended: Promise<number | string>
}

/** Runs a program from its source. */
export function run(main: string, args: string[], env: Record<string, string>, stdin = ''): Running {
  const loader = main.endsWith('.ts') ? ['--import', 'tsx'] : []
  const child = spawn(process.execPath, [...loader, main, ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let printed = ''
  let result = ''
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', (part) => {
      printed += part
      if (stream === child.stdout) result += part
    })
  }
  child.stdin!.on('error', () => {})
  child.stdin!.end(stdin)
  const ended = new Promise<number | string>((resolve) =>
    child.on('close', (code, signal) => resolve(code ?? signal!)),
  )
  return { child, printed: () => printed, result: () => result, ended }
}

/** A control daemon by itself, as `npm start` runs one. */
export const runDaemon = (env: Record<string, string>) => run(MAIN, [], env)

/** Simulated hosts, run by the real agent. */
export const runHosts = (args: string[], env: Record<string, string>) => run(AGENT, args, env)

/** `drover`, bundled as it is shipped, with a home of its own. */
export function cliAt(server: string) {
  const home = mkdtempSync(join(tmpdir(), 'drover-cli-'))
  const bundle = join(home, 'drover.mjs')
  execFileSync(process.execPath, [CLI_BUILD, bundle])
  const cli = async (args: string[], stdin = '', env: Record<string, string> = {}) => {
    const program = run(bundle, args, { XDG_CONFIG_HOME: home, DROVER_SERVER: server, ...env }, stdin)
    const code = await program.ended
    return { code, text: program.printed(), result: program.result() }
  }
  return Object.assign(cli, { home })
}

/** Asks until there is an answer that is neither null nor false; says what for when there was none in time. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | null | false> | T | null | false,
  ms = 20_000,
): Promise<T> {
  const deadline = Date.now() + ms
  for (;;) {
    const answer = await Promise.resolve()
      .then(ask)
      .catch(() => null)
    if (answer !== null && answer !== false) return answer
    if (Date.now() > deadline) throw new Error(`${what}: not within ${ms} ms`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
