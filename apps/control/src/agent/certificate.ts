import { X509Certificate } from 'node:crypto'
import { hostname } from 'node:os'
import { generate } from 'selfsigned'
import type { Secrets } from '../account/secrets'

export interface Certificate {
  key: string
  cert: string
  /** SHA-256 of the certificate, in hex: agents are told it when they join, and accept no other. */
  fingerprint: string
}

const DAYS = 24 * 3_600_000

/**
 * The certificate that agents pin; made at the first start and kept in the database, because whichever daemon takes
 * over must show the same one. Valid for long: agents trust the pin, not the date.
 */
export async function agentCertificate(secrets: Secrets): Promise<Certificate> {
  const text = await secrets.get('agent-certificate', async () => {
    const notAfterDate = new Date(Date.now() + 20 * 365 * DAYS)
    const made = await generate([{ name: 'commonName', value: `Drover on ${hostname()}` }], {
      keyType: 'ec',
      curve: 'P-256',
      algorithm: 'sha256',
      notAfterDate,
    })
    return JSON.stringify({ key: made.private, cert: made.cert })
  })
  const { key, cert } = JSON.parse(text) as { key: string; cert: string }
  const fingerprint = new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase()
  return { key, cert, fingerprint }
}
