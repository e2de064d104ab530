import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { DiskCopied } from '@drover/protocol'
import { HypervisorError, type OperationControl } from '../port'
import { makeRoom, makeWhole, partOf, removeDisk, removeFile } from './files'
import { readDiskHeader } from './header'
import { qemuImg } from './qemu-img'

/** Copies an image into a new disk, grown to `sizeBytes`; the disk appears when it is whole. */
export async function cloneDisk(
  what: { sourcePath: string; targetPath: string; format: 'qcow2' | 'raw'; sizeBytes: number | null },
  control: OperationControl,
): Promise<DiskCopied> {
  const { sourcePath, targetPath, format } = what
  const source = await readDiskHeader(sourcePath)
  const sizeBytes = what.sizeBytes ?? source.sizeBytes
  if (sizeBytes < source.sizeBytes) {
    throw new HypervisorError(
      'failed',
      `${sourcePath} has ${source.sizeBytes} bytes; a copy cannot be smaller.`,
    )
  }
  await makeRoom(targetPath)
  const part = partOf(targetPath)
  try {
    const args = ['convert', '-p', '-f', source.format, '-O', format, sourcePath, part]
    await qemuImg(args, { ...control, totalBytes: source.fileBytes })
    if (sizeBytes > source.sizeBytes) await qemuImg(['resize', '-q', '-f', format, part, String(sizeBytes)])
    const sha256 = await hashFile(part, control.signal)
    await makeWhole(targetPath)
    return { bytes: (await stat(targetPath)).size, sha256 }
  } catch (error) {
    await removeFile(part)
    throw error
  }
}

export async function createDisk(path: string, format: 'qcow2' | 'raw', sizeBytes: number): Promise<void> {
  const there = await readDiskHeader(path).catch((error) => {
    if (error instanceof HypervisorError && error.code === 'not_found') return null
    throw error
  })
  if (there?.sizeBytes === sizeBytes) return
  if (there) throw new HypervisorError('already_exists', `${path} is there already, with another size.`)
  await makeRoom(path)
  await qemuImg(['create', '-q', '-f', format, partOf(path), String(sizeBytes)])
  await makeWhole(path)
}

/** Refuses all when a guest has one of them open. Already gone is fine. */
export async function deleteDisks(paths: string[]): Promise<void> {
  for (const path of paths) {
    await qemuImg(['info', path]).catch((error: HypervisorError) => {
      if (error.code === 'disk_locked') {
        throw new HypervisorError('disk_locked', `${path} is in use by a running VM.`)
      }
    })
  }
  for (const path of paths) await removeDisk(path)
}

export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash, { signal })
  return hash.digest('hex')
}
