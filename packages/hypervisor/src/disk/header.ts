import { open } from 'node:fs/promises'
import type { DiskInfo } from '@drover/protocol'
import { HypervisorError } from '../port'

const qcow2Magic = 0x51_46_49_fb

/** What the first bytes of a disk say; read without QEMU, so that nobody's lock is in the way. */
export interface DiskHeader extends DiskInfo {
  /** True: only the difference to another file, which a copy of this one would lack. */
  hasBackingFile: boolean
}

/** Throws `not_found` when there is no such file. */
export async function readDiskHeader(path: string): Promise<DiskHeader> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new HypervisorError('not_found', `There is no disk ${path}.`)
    throw new HypervisorError('failed', `${path} cannot be read: ${error.message}.`)
  })
  try {
    const { size } = await file.stat()
    const head = Buffer.alloc(32)
    const { bytesRead } = await file.read(head, 0, head.length, 0)
    if (bytesRead < head.length || head.readUInt32BE(0) !== qcow2Magic) {
      return { format: 'raw', sizeBytes: size, fileBytes: size, hasBackingFile: false }
    }
    return {
      format: 'qcow2',
      sizeBytes: Number(head.readBigUInt64BE(24)),
      fileBytes: size,
      hasBackingFile: head.readBigUInt64BE(8) !== 0n,
    }
  } finally {
    await file.close()
  }
}
