import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Keys } from '@drover/agent'
import { writeWhole } from './files'

/** The host's own key; made at the first call, and readable by the agent's user only. */
export async function openKeys(directory: string): Promise<Keys> {
  const path = join(directory, 'key.pem')
  const pem = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return null
  })
  if (pem !== null) return keysOf(createPrivateKey(pem))
  const { privateKey } = generateKeyPairSync('ed25519')
  await writeWhole(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600)
  return keysOf(privateKey)
}

function keysOf(key: KeyObject): Keys {
  const { x } = createPublicKey(key).export({ format: 'jwk' })
  return {
    publicKey: Buffer.from(x!, 'base64url').toString('base64'),
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64'),
  }
}
