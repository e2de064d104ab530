import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import type { Keys } from '../ports'

/** An Ed25519 identity that follows from a name: the same in every run. */
export function keysOf(name: string): Keys {
  const seed = createHash('sha256').update(name).digest()
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
  const key = createPrivateKey({ key: Buffer.concat([prefix, seed]), format: 'der', type: 'pkcs8' })
  const { x } = createPublicKey(key).export({ format: 'jwk' })
  return {
    publicKey: Buffer.from(x!, 'base64url').toString('base64'),
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64'),
  }
}
