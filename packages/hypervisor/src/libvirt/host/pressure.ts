import { readFile } from 'node:fs/promises'

/** Seconds since boot in which work of the host stood still, by why; they grow by at most one a second. */
export type Stalls = readonly number[]

/** Ticks of `/proc/stat` in a second; the same on every architecture that Linux runs VMs on. */
const ticksPerSecond = 100

/**
 * How long anything waited for a CPU or for memory, everything waited for disks, and the share of time that this host's
 * own hypervisor took from it. Null where the kernel says nothing of it.
 */
export async function readStalls(cores: number): Promise<Stalls | null> {
  const [cpu, memory, io, stat] = await Promise.all(
    ['pressure/cpu', 'pressure/memory', 'pressure/io', 'stat'].map((file) =>
      readFile(`/proc/${file}`, 'utf8').catch(() => ''),
    ),
  )
  return stallsOf({ cpu: cpu!, memory: memory!, io: io!, stat: stat! }, cores)
}

/** The same, of what the kernel says. */
export function stallsOf(
  { cpu, memory, io, stat }: Record<'cpu' | 'memory' | 'io' | 'stat', string>,
  cores: number,
): Stalls | null {
  const stalls = [total(cpu, 'some'), total(memory, 'some'), total(io, 'full')]
  if (stalls.every((seconds) => seconds === null)) return null
  const stolen = Number(/^cpu +(?:\d+ +){7}(\d+)/m.exec(stat)?.[1] ?? 0)
  return [...stalls.map((seconds) => seconds ?? 0), stolen / ticksPerSecond / Math.max(1, cores)]
}

/** "some avg10=0.00 avg60=0.00 avg300=0.00 total=1234": in microseconds. */
function total(text: string, kind: 'some' | 'full'): number | null {
  const found = new RegExp(`^${kind} .*total=(\\d+)`, 'm').exec(text)
  return found ? Number(found[1]) / 1e6 : null
}

/** The share of time, 0 to 1, in which the worst of them stood still. */
export function pressureOf(before: Stalls, now: Stalls, seconds: number): number {
  if (seconds <= 0) return 0
  const worst = Math.max(...now.map((value, i) => value - (before[i] ?? value)))
  return Math.min(1, Math.max(0, worst / seconds))
}
