import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'

export interface Launch {
  name: string
  args: string[]
  cwd: string
  env: Record<string, string>
  /** Everything it prints goes here; lines that `show` wants are also for the terminal. */
  logFile: string
  show?: (line: string) => void
}

interface Running {
  launch: Launch
  child: ChildProcess
  /** It was killed by us. */
  crashed: boolean
}

/** The programs of one `npm start`: begun in order, ended in reverse, all of them when one dies. */
export class Processes {
  private readonly running: Running[] = []
  private stopping: Promise<void> | null = null

  constructor(
    private readonly died: (name: string, code: number | null) => void,
    private readonly began: (pid: number) => void = () => {},
  ) {}

  /** Starts a Node.js program; `died` is called when it ends while nobody asked it to. */
  launch(launch: Launch): void {
    const running: Running = { launch, child: begin(launch), crashed: false }
    this.running.push(running)
    this.watch(running)
  }

  /** Kills a program as a crash would (SIGKILL, no notice); `died` is not called for it. Resolves when it is gone. */
  async crash(name: string): Promise<void> {
    const running = this.find(name)
    running.crashed = true
    const ended = new Promise((resolve) => running.child.once('exit', resolve))
    signal(running.child, 'SIGKILL')
    await ended
  }

  /** Starts a program that has ended once more, as it was. */
  restart(name: string): void {
    const running = this.find(name)
    running.child = begin(running.launch)
    running.crashed = false
    this.watch(running)
  }

  private find(name: string): Running {
    const running = this.running.find(({ launch }) => launch.name === name)
    if (!running) throw new Error(`Nothing named ${name} was started.`)
    return running
  }

  private watch(running: Running): void {
    if (running.child.pid) this.began(running.child.pid)
    running.child.on('exit', (code) => {
      if (!this.stopping && !running.crashed) this.died(running.launch.name, code)
    })
  }

  /** Asks each to end, last started first; what has not ended after `graceMs` is killed. */
  stop(graceMs = 6_000): Promise<void> {
    this.stopping ??= this.endAll(graceMs)
    return this.stopping
  }

  private async endAll(graceMs: number): Promise<void> {
    for (const { child } of this.running.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const ended = new Promise((resolve) => child.once('exit', resolve))
      signal(child, 'SIGTERM')
      const timer = setTimeout(() => signal(child, 'SIGKILL'), graceMs)
      await ended
      clearTimeout(timer)
    }
  }
}

function begin({ args, cwd, env, logFile, show }: Launch): ChildProcess {
  mkdirSync(dirname(logFile), { recursive: true })
  const log = createWriteStream(logFile, { flags: 'a' })
  // A process group of its own: Ctrl-C reaches us alone, and we end the parts in order.
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  child.stderr?.pipe(log, { end: false })
  child.stdout?.pipe(log, { end: false })
  if (show && child.stdout) createInterface({ input: child.stdout }).on('line', show)
  child.on('exit', () => log.end())
  return child
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (child.pid) process.kill(-child.pid, name)
  } catch {
    // It has ended in between.
  }
}
