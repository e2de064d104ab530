import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A process as /proc shows it. Fields are empty when it ended while being looked at. */
export interface Process {
  pid: number
  args: string[]
}

const attempt = <T>(read: () => T, otherwise: T): T => {
  try {
    return read()
  } catch {
    return otherwise
  }
}

/** All processes of this machine, those in other pid namespaces included. */
export function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), args: processArgs(Number(name)) }))
}

export function processArgs(pid: number): string[] {
  return attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1), [])
}

/** The pid namespace of a process, as something to compare. Undefined when there is no such process. */
export function pidNamespace(pid: number): string | undefined {
  return attempt(() => readlinkSync(`/proc/${pid}/ns/pid`), undefined)
}

/** The name that killing by name goes by. */
export function processName(pid: number): string {
  return attempt(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trim(), '')
}

/** When the process was started, in clock ticks since boot: with the pid, it names one process for good. */
export function startedAt(pid: number): string | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'), '')
  // The name in brackets may hold anything, so count from its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' ? undefined : fields[19]
}

export const isAlive = (pid: number) => startedAt(pid) !== undefined

/** Sends a signal; a process that is gone already is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  attempt(() => process.kill(pid, name), false)
}

/** The pid by which the innermost namespace of a process knows it. */
export function pidInside(pid: number): number | undefined {
  const status = attempt(() => readFileSync(`/proc/${pid}/status`, 'utf8'), '')
  const pids = /^NSpid:\s+(.+)$/m.exec(status)?.[1]
  return pids ? Number(pids.split('\t').at(-1)) : undefined
}
