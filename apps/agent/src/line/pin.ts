import { createHash } from 'node:crypto'
import { type ConnectionOptions, connect, type PeerCertificate } from 'node:tls'

const handshakeMs = 10_000

/** `sha256:` and 64 hex digits, with or without colons, as a bare hex string; throws in words. */
export function parsePin(text: string): string {
  const hex = text
    .replace(/^sha256:/i, '')
    .replaceAll(':', '')
    .toLowerCase()
  if (!/^[0-9a-f]{64}$/.test(hex)) {
    throw new Error('The pin must be sha256: and 64 hex digits, as the join command shows it.')
  }
  return hex
}

/**
 * The TLS options with which only a server showing exactly the pinned certificate is talked to: the certificate is
 * looked at first, then made the only authority for the connection that carries data. Rejects when it is another one.
 */
export async function pinned(url: URL, pin: string): Promise<ConnectionOptions> {
  const certificate = await look(url.hostname.replace(/^\[|\]$/g, ''), Number(url.port || 443))
  if (fingerprint(certificate) !== pin) {
    throw new Error(
      `${url.host} shows another certificate than the one this agent was told to trust (--pin). Copy the command from the dashboard once more; if it says the same, somebody is in between.`,
    )
  }
  return {
    ca: toPem(certificate),
    // Names and dates do not matter: it is this very certificate or none.
    checkServerIdentity: (_host: string, shown: PeerCertificate) =>
      createHash('sha256').update(shown.raw).digest('hex') === pin
        ? undefined
        : new Error('not the pinned certificate'),
  }
}

function look(host: string, port: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, rejectUnauthorized: false, timeout: handshakeMs })
    socket.once('secureConnect', () => {
      const { raw } = socket.getPeerCertificate()
      socket.destroy()
      if (raw) resolve(raw)
      else reject(new Error(`${host}:${port} showed no certificate.`))
    })
    socket.once('timeout', () => socket.destroy(new Error(`${host}:${port} did not answer.`)))
    socket.once('error', reject)
  })
}

function fingerprint(certificate: Buffer): string {
  return createHash('sha256').update(certificate).digest('hex')
}

function toPem(certificate: Buffer): string {
  const lines = certificate
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n')
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}
