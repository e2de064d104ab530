import { readFileSync } from 'node:fs'

/** Clock ticks a second, as Linux counts the time of processes. */
const ticksPerSecond = 100

/** CPU seconds that these processes have used, as /proc says. One that has ended counts nothing. */
export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const stat = read(`/proc/${pid}/stat`)
    // The name in brackets may hold anything, so count from its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return sum + (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / ticksPerSecond
  }, 0)
}

/** Memory in use now, of all of them. Pages that they share are counted for each. */
export function residentBytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + statusBytes(pid, 'RssAnon') + statusBytes(pid, 'RssFile'), 0)
}

/** A process and those that it started, as PostgreSQL does for each connection. */
export function withChildren(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number)
  return [pid, ...children]
}

/** Seconds of all processors: in use, and in all. */
export function machineSeconds(): { busy: number; all: number } {
  const [line] = read('/proc/stat').split('\n')
  const times = line!.trim().split(/\s+/).slice(1, 9).map(Number)
  const all = times.reduce((a, b) => a + b, 0) / ticksPerSecond
  const idle = (times[3]! + times[4]!) / ticksPerSecond
  return { busy: all - idle, all }
}

function statusBytes(pid: number, field: string): number {
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(read(`/proc/${pid}/status`))?.[1]
  return Number(kib ?? 0) * 1024
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
