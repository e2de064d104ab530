import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import type { Keys } from '@drover/agent'

/** DER of an Ed25519 private key up to its 32 bytes (RFC 8410). */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** A real Ed25519 identity that follows from a text, because a drawn one would make every run another. */
export function keysOf(text: string): Keys {
  const secret = createHash('sha256').update(text).digest()
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8, secret]), format: 'der', type: 'pkcs8' })
  const raw = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32)
  return {
    publicKey: raw.toString('base64'),
    sign: (message) => sign(null, Buffer.from(message), privateKey).toString('base64'),
  }
}
