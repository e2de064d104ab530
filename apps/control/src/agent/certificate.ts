import { createHash, X509Certificate } from 'node:crypto'
import { hostname } from 'node:os'
import { generate } from 'selfsigned'
import type { Secrets } from '../account/secrets'

export interface Certificate {
  key: string
  cert: string
  /** SHA-256 of the certificate, in hex: agents are told it when they join, and accept no other. */
  fingerprint: string
  /** SHA-256 of its public key, in base64, as `curl --pinnedpubkey` wants it. */
  publicKeyPin: string
}

const DAYS = 24 * 3_600_000

/**
 * The certificate that agents pin; made at the first start and kept in the database, because whichever daemon takes
 * over must show the same one. Valid since long ago and for long: agents trust the pin, and their clocks may be wrong.
 */
export async function agentCertificate(secrets: Secrets): Promise<Certificate> {
  const text = await secrets.get('agent-certificate', async () => {
    const notAfterDate = new Date(Date.now() + 20 * 365 * DAYS)
    const made = await generate([{ name: 'commonName', value: `Drover on ${hostname()}` }], {
      keyType: 'ec',
      curve: 'P-256',
      algorithm: 'sha256',
      notBeforeDate: new Date(Date.UTC(2000, 0, 1)),
      notAfterDate,
    })
    return JSON.stringify({ key: made.private, cert: made.cert })
  })
  const { key, cert } = JSON.parse(text) as { key: string; cert: string }
  return { key, cert, ...pinsOf(cert) }
}

/** What a certificate (PEM) is known by: itself, for agents, and its key, for whoever fetches the agent. */
export function pinsOf(cert: string): Pick<Certificate, 'fingerprint' | 'publicKeyPin'> {
  const { fingerprint256, publicKey } = new X509Certificate(cert)
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  return {
    fingerprint: fingerprint256.replaceAll(':', '').toLowerCase(),
    publicKeyPin: createHash('sha256').update(spki).digest('base64'),
  }
}
