import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Beats } from '@drover/agent'
import { datastoreMarker } from '@drover/hypervisor/libvirt'
import { type Beat, beatSchema } from '@drover/protocol'

const directory = '.drover/beats'
const isBeat = /^host-\d+\.json$/

/**
 * Heartbeats as `.drover/beats/<host>.json` in a datastore's root. Written beside and renamed, so nobody reads half of one.
 * One thing after the other: a server that hangs then holds up a single thread of this process.
 */
export class FileBeats implements Beats {
  /** By root: the marker of the storage that was mounted there when it was first used. */
  private readonly markers = new Map<string, string>()

  async write(root: string, beat: Beat): Promise<void> {
    await this.checkMounted(root)
    const path = join(root, directory, `${beat.hostId}.json`)
    const text = JSON.stringify(beat)
    await replace(path, text).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      await mkdir(join(root, directory), { recursive: true })
      await replace(path, text)
    })
  }

  async read(root: string): Promise<Beat[]> {
    const found: Beat[] = []
    const names = await readdir(join(root, directory)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      return []
    })
    for (const name of names.filter((one) => isBeat.test(one))) {
      const text = await readFile(join(root, directory, name), 'utf8').catch(() => '')
      const beat = beatSchema.safeParse(parsed(text))
      if (beat.success && `${beat.data.hostId}.json` === name) found.push(beat.data)
    }
    return found
  }

  /** Where storage was, an empty mount point is left, on the host's own disk: that must not pass for the storage. */
  private async checkMounted(root: string): Promise<void> {
    const text = await readFile(join(root, datastoreMarker), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      return null
    })
    const known = this.markers.get(root) ?? text
    if (text === null || text !== known) throw new Error(`the storage is not mounted at ${root}`)
    this.markers.set(root, text)
  }
}

async function replace(path: string, text: string): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o644)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
