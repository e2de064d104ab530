import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Secrets } from '@drover/control'

const version = 'v1'

/**
 * Seals with AES-256-GCM under the key in `path`, which is made (for the owner's eyes only) when it is not there. The
 * key is no part of the database: whoever has only that has no password of a fence device. Daemons that share a database
 * need the same file.
 */
export async function secretsWithKey(path: string): Promise<Secrets> {
  const key = createHash('sha256')
    .update(await readOrMake(path))
    .digest()
  return {
    seal(text) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return [version, nonce, cipher.getAuthTag(), sealed]
        .map((part) => (typeof part === 'string' ? part : part.toString('base64url')))
        .join('.')
    },
    open(text) {
      const [which, nonce = '', tag = '', sealed = ''] = text.split('.')
      try {
        if (which !== version) throw new Error('unknown version')
        // Without its length a tag that was cut short would be taken.
        const options = { authTagLength: 16 }
        const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'), options)
        decipher.setAuthTag(Buffer.from(tag, 'base64url'))
        return Buffer.concat([decipher.update(Buffer.from(sealed, 'base64url')), decipher.final()]).toString(
          'utf8',
        )
      } catch {
        throw new Error(
          `It was sealed with another key than the one in ${path}. Enter it again, or bring that key back.`,
        )
      }
    },
  }
}

/** Made whole beside its place and linked there, so that a daemon that begins at the same time never reads half a key. */
async function readOrMake(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  if (!existsSync(path)) {
    const made = `${path}.${randomBytes(6).toString('hex')}`
    const file = await open(made, 'wx', 0o600)
    await file.writeFile(`${randomBytes(32).toString('base64url')}\n`)
    await file.sync()
    await file.close()
    await link(made, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    await unlink(made)
  }
  const key = (await readFile(path, 'utf8')).trim()
  if (key === '')
    throw new Error(
      `The key in ${path} is empty. Bring it back, or remove the file and enter every secret again.`,
    )
  return key
}
