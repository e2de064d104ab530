import { mkdir, open, rename, rmdir, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Where a disk grows until it is whole. */
export const partOf = (path: string) => `${path}.part`

export async function makeRoom(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 })
  // A copy that a dead agent left running goes on writing into nothing.
  await removeFile(partOf(path))
}

/** `path.part` becomes `path`, both on the disk when this resolves. */
export async function makeWhole(path: string): Promise<void> {
  await flush(partOf(path))
  await rename(partOf(path), path)
  await flush(dirname(path))
}

/** Already gone is fine. */
export async function removeFile(path: string): Promise<void> {
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}

/** The directory too, when nothing else is in it. */
export async function removeDisk(path: string): Promise<void> {
  await removeFile(path)
  await removeFile(partOf(path))
  await rmdir(dirname(path)).catch(() => {})
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
