import { mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Journal } from '../ports'

/**
 * One file per key in a directory, written beside and renamed, with both the file and the directory flushed: after a
 * power loss a key has its old value or its new one, never half of one.
 */
export class FileJournal implements Journal {
  private readonly last = new Map<string, Promise<void>>()

  private constructor(private readonly directory: string) {}

  static async open(directory: string): Promise<FileJournal> {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    return new FileJournal(directory)
  }

  async read(): Promise<{ key: string; value: unknown }[]> {
    const entries: { key: string; value: unknown }[] = []
    for (const name of (await readdir(this.directory)).sort()) {
      if (!name.endsWith('.json')) continue
      const text = await readFile(join(this.directory, name), 'utf8')
      entries.push({ key: decodeURIComponent(name.slice(0, -5)), value: JSON.parse(text) as unknown })
    }
    return entries
  }

  put(key: string, value: unknown): Promise<void> {
    return this.inOrder(key, async () => {
      const path = this.path(key)
      const file = await open(`${path}.new`, 'w', 0o600)
      try {
        await file.writeFile(JSON.stringify(value))
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(`${path}.new`, path)
      await this.flushDirectory()
    })
  }

  remove(key: string): Promise<void> {
    return this.inOrder(key, async () => {
      await unlink(this.path(key)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error
      })
    })
  }

  /** Two writes to one key happen in the order in which they were asked for. */
  private inOrder(key: string, act: () => Promise<void>): Promise<void> {
    const next = (this.last.get(key) ?? Promise.resolve()).catch(() => {}).then(act)
    this.last.set(key, next)
    const forget = () => {
      if (this.last.get(key) === next) this.last.delete(key)
    }
    next.then(forget, forget)
    return next
  }

  private path(key: string): string {
    return join(this.directory, `${encodeURIComponent(key)}.json`)
  }

  private async flushDirectory(): Promise<void> {
    const directory = await open(this.directory, 'r')
    try {
      await directory.sync()
    } finally {
      await directory.close()
    }
  }
}
