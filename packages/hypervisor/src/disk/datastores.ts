import { randomUUID } from 'node:crypto'
import { link, mkdir, readdir, readFile, statfs, unlink, writeFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { DatastoreReport } from '@drover/protocol'
import { z } from 'zod'
import { HypervisorError } from '../port'
import { readDiskHeader } from './header'

/** A file in a datastore's root with the datastore's identity. */
export const datastoreMarker = '.drover-datastore.json'
const markerSchema = z.object({ uuid: z.uuid(), name: z.string().min(1).max(100) })
const imageNames = new Set(['.qcow2', '.raw', '.img'])

/**
 * What lies on a datastore. Rejects when it is not there. `uuid`: what was there before; anything else, or nothing, means
 * that it is not mounted. Null: a new place, which gets a marker.
 */
export async function readDatastore(at: {
  name: string
  path: string
  uuid: string | null
}): Promise<DatastoreReport> {
  const { path } = at
  const { uuid, name } = await readMarker(at)
  const { blocks, bavail, bsize } = await statfs(path)
  return {
    uuid,
    name,
    path,
    capacityBytes: blocks * bsize,
    freeBytes: bavail * bsize,
    images: await readImages(path),
  }
}

/** Two hosts that see the same marker share the storage; whoever comes first makes it. */
async function readMarker({
  name,
  path,
  uuid: expected,
}: {
  name: string
  path: string
  uuid: string | null
}): Promise<z.infer<typeof markerSchema>> {
  const marker = join(path, datastoreMarker)
  const read = () => readFile(marker, 'utf8').catch(() => null)
  let text = await read()
  if (text === null && expected !== null) {
    throw new HypervisorError('failed', `${path} is empty: its storage is not mounted. Mount it.`)
  }
  if (text === null) {
    await mkdir(join(path, 'images'), { recursive: true })
    // Linked into place, so that two hosts that come at once agree on one marker, and nobody reads half of it.
    const mine = join(path, `.${randomUUID()}.new`)
    await writeFile(mine, JSON.stringify({ uuid: randomUUID(), name }))
    await link(mine, marker).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    await unlink(mine)
    text = await read()
  }
  const parsed = markerSchema.safeParse(JSON.parse(text ?? 'null'))
  if (parsed.success && expected !== null && parsed.data.uuid !== expected) {
    throw new HypervisorError(
      'failed',
      `Other storage is mounted at ${path}: ${parsed.data.uuid}, not ${expected}. Mount the right one.`,
    )
  }
  if (parsed.success) return parsed.data
  throw new HypervisorError(
    'failed',
    `${marker} is not a marker of a datastore. Remove it to have a new one made.`,
  )
}

async function readImages(path: string): Promise<DatastoreReport['images']> {
  const names = await readdir(join(path, 'images')).catch(() => [])
  const images: DatastoreReport['images'] = []
  for (const file of names.sort()) {
    if (!imageNames.has(extname(file))) continue
    const image = join(path, 'images', file)
    // One that vanishes or cannot be read is none.
    const header = await readDiskHeader(image).catch(() => null)
    if (!header) continue
    const { format, sizeBytes } = header
    images.push({ path: image, name: basename(file, extname(file)), format, sizeBytes })
  }
  return images
}
