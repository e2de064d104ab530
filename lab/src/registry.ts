import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { runRoot } from './paths'
import { startedAt } from './processes'

/** What is known of a lab while it runs, so that a later process can find it or clear it away. */
export interface LabRecord {
  name: string
  index: number
  dir: string
  hosts: number
  /** Its directory stays when it is destroyed. */
  keep: boolean
  /** Absent: it belongs to nobody and stays. */
  owner?: { pid: number; startedAt: string | undefined }
}

/** How many labs can run at once: as many as there are management networks. */
const indexes = 20
const recordPath = (index: number) => join(runRoot, String(index), 'lab.json')

export const labRunDir = (index: number) => join(runRoot, String(index))

/** Every lab of this machine that has not been destroyed, also those whose process is gone. */
export function runningLabs(): LabRecord[] {
  if (!existsSync(runRoot)) return []
  return readdirSync(runRoot)
    .map((entry) => recordPath(Number(entry)))
    .filter((path) => existsSync(path))
    .map((path) => JSON.parse(readFileSync(path, 'utf8')) as LabRecord)
}

/** True when the process that made the lab is gone and nobody else is meant to look after it. */
export function isOrphan(record: LabRecord): boolean {
  return record.owner !== undefined && startedAt(record.owner.pid) !== record.owner.startedAt
}

/**
 * Takes the first free index, which no other process can then take. Throws when all are taken.
 */
export function claimIndex(): number {
  mkdirSync(runRoot, { recursive: true })
  for (let index = 0; index < indexes; index++) {
    try {
      mkdirSync(labRunDir(index))
      return index
    } catch {
      if (isAbandonedClaim(index)) {
        rmSync(labRunDir(index), { recursive: true, force: true })
        index--
      }
    }
  }
  throw new Error(`${indexes} labs are running already. Destroy one: npx tsx lab/src/main.ts list`)
}

/** Claimed, but its process died before it wrote down whose it is. */
function isAbandonedClaim(index: number): boolean {
  if (existsSync(recordPath(index))) return false
  const { mtimeMs } = statSync(labRunDir(index), { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() }
  return Date.now() - mtimeMs > 60_000
}

export function writeRecord(record: LabRecord): void {
  const path = recordPath(record.index)
  mkdirSync(labRunDir(record.index), { recursive: true })
  writeFileSync(`${path}.new`, JSON.stringify(record))
  renameSync(`${path}.new`, path)
}

/** Gives the index back. */
export function removeRecord(index: number): void {
  rmSync(labRunDir(index), { recursive: true, force: true })
}
