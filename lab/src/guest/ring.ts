import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../run'

/** The guest's disk: boot partition first, then the ring of records (guest/ring.c). */
export const diskBytes = 64 << 20
export const ringOffset = 40 << 20
export const ringBytes = diskBytes - ringOffset

const blockBytes = 4096
const blocks = 1024

export interface RingReport {
  /** The newest record; 0 when the guest never wrote. */
  counter: number
  /** The boot ids of the guests that wrote the records, the first one first: the last one wrote the newest. */
  boots: string[]
  records: number
  /** Records whose checksum or place is wrong. */
  bad: number
  /** Numbers that are missing below the newest: writes that were acknowledged and are not there. */
  holes: number
}

/** What a guest's ring holds, read from the raw bytes of its partition. */
export function readRing(bytes: Buffer): RingReport {
  const numbers = new Array<number>(blocks).fill(0)
  const writers = new Map<number, string>()
  const report: RingReport = { counter: 0, boots: [], records: 0, bad: 0, holes: 0 }
  for (let i = 0; i < blocks; i++) {
    const block = bytes.subarray(i * blockBytes, (i + 1) * blockBytes)
    if (block.toString('latin1', 0, 8) !== 'DROVERRC') continue
    const number = Number(block.readBigUInt64LE(8))
    if (block.readUInt32LE(blockBytes - 4) !== sumOf(block) || number % blocks !== i) {
      report.bad++
      continue
    }
    report.records++
    numbers[i] = number
    writers.set(number, block.readUInt32LE(16).toString(16).padStart(8, '0'))
    report.counter = Math.max(report.counter, number)
  }
  const inOrder = [...writers].sort(([a], [b]) => a - b).map(([, boot]) => boot)
  report.boots = [...new Set(inOrder)]
  const oldest = Math.max(1, report.counter - blocks + 1)
  for (let n = oldest; n <= report.counter; n++) if (numbers[n % blocks] !== n) report.holes++
  return report
}

function sumOf(block: Buffer): number {
  let hash = 2166136261
  for (let i = 0; i < blockBytes - 4; i++) hash = Math.imul(hash ^ block[i]!, 16777619) >>> 0
  return hash
}

/**
 * Reads the ring from a disk image, and checks the image itself: rejects when `qemu-img check` finds it damaged. A guest that has
 * it open must be `suspended` (else QEMU's lock refuses, which is meant): then QEMU has written all that it knows.
 */
export async function checkDisk(path: string, { suspended = false } = {}): Promise<RingReport> {
  const shared = suspended ? ['-U'] : []
  const { format } = JSON.parse(await run('qemu-img', ['info', ...shared, '--output=json', path])) as {
    format: string
  }
  if (format === 'qcow2') await run('qemu-img', ['check', '-q', ...shared, path])
  const dir = mkdtempSync(join(tmpdir(), 'ring-'))
  const raw = join(dir, 'ring.raw')
  try {
    // QEMU counts what it skips as well.
    const skip = ringOffset / blockBytes
    const part = [`bs=${blockBytes}`, `skip=${skip}`, `count=${skip + blocks}`]
    await run('qemu-img', ['dd', ...shared, '-O', 'raw', `if=${path}`, `of=${raw}`, ...part])
    return readRing(readFileSync(raw))
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
