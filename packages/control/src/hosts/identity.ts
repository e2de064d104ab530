import { createHash, createPublicKey, verify } from 'node:crypto'
import { signedText } from '@drover/protocol'

/** What stands before the raw 32 bytes of an Ed25519 key in its standard (SPKI) form. */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

/** Whether `signature` (base64) proves that whoever sent it holds the key of this host, for this nonce. */
export function isProven(publicKey: string, hostId: string, nonce: string, signature: string): boolean {
  const raw = Buffer.from(publicKey, 'base64')
  if (raw.length !== 32) return false
  const key = createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: 'der', type: 'spki' })
  return verify(null, Buffer.from(signedText(hostId, nonce)), key, Buffer.from(signature, 'base64'))
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
