import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from './wait'

/** Who uses a data directory: the starter, and what it started. A pid alone may have been given away again. */
interface Claim {
  origin: string
  owner: Life
  children: Life[]
}

interface Life {
  pid: number
  /** When it began, in the kernel's own count; null where there is no /proc. */
  began: string | null
}

/**
 * Makes sure that one starter at a time uses a data directory. Throws, with its address, when another one lives; ends
 * what one that was killed has left behind.
 */
export async function claim(
  dataDir: string,
  origin: string,
): Promise<{ add(pid: number): void; release(): void }> {
  const path = join(dataDir, 'running.json')
  const before: Claim | null = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null
  if (before && lives(before.owner)) {
    const { origin: there, owner } = before
    throw new Error(
      `Drover runs from ${dataDir} already, at ${there} (process ${owner.pid}). End it, or choose --data.`,
    )
  }
  const left = (before?.children ?? []).filter(lives)
  for (const { pid } of left) process.kill(-pid, 'SIGTERM')
  if (left.length > 0)
    await until('The end of an earlier start', 20_000, async () => (left.some(lives) ? null : true))

  const mine: Claim = { origin, owner: lifeOf(process.pid), children: [] }
  const write = (): void => writeFileSync(path, JSON.stringify(mine))
  write()
  return {
    add(pid) {
      mine.children.push(lifeOf(pid))
      write()
    },
    release: () => rmSync(path, { force: true }),
  }
}

function lifeOf(pid: number): Life {
  return { pid, began: beganAt(pid) }
}

function lives({ pid, began }: Life): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  return began === null || beganAt(pid) === began
}

/** Field 22 of /proc/PID/stat; the name before it is in brackets and may hold anything. */
function beganAt(pid: number): string | null {
  const stat = `/proc/${pid}/stat`
  if (!existsSync(stat)) return null
  const text = readFileSync(stat, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null
}
