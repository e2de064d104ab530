import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../connection'
import { findLibvirt, type PrivateLibvirtd, startLibvirtd } from '../testing/libvirtd'
import { virshAt } from '../testing/virsh'

const libvirt = findLibvirt()
if (!libvirt.available) console.warn(`Tests with a real libvirtd are skipped: ${libvirt.missing}`)

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** A certificate authority, and certificates of a server, a client, and a stranger whom another authority vouches for. */
function makeCertificates(directory: string) {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  for (const authority of ['ca', 'other']) {
    openssl(
      'req',
      '-x509',
      ...key,
      '-days',
      '2',
      '-subj',
      `/CN=${authority}`,
      '-keyout',
      `${authority}.key`,
      '-out',
      `${authority}.pem`,
    )
  }
  const names = join(directory, 'names')
  writeFileSync(names, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n')
  for (const [name, authority] of [
    ['server', 'ca'],
    ['client', 'ca'],
    ['stranger', 'other'],
  ] as const) {
    openssl('req', ...key, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`)
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      `${authority}.pem`,
      '-CAkey',
      `${authority}.key`,
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      names,
      '-out',
      `${name}.pem`,
    )
  }
  for (const file of ['ca.pem', 'server.pem', 'server.key']) chmodSync(join(directory, file), 0o644)
  chmodSync(directory, 0o755)
  return (name: string) => ({
    ca: readFileSync(join(directory, 'ca.pem')),
    cert: readFileSync(join(directory, `${name}.pem`)),
    key: readFileSync(join(directory, `${name}.key`)),
  })
}

describe.skipIf(!libvirt.available)('over the network', () => {
  const host = '127.0.0.1'
  const uri = 'test:///default'
  let certificates: string
  let tls: ReturnType<typeof makeCertificates>
  let tcpPort: number
  let tlsPort: number
  let libvirtd: PrivateLibvirtd

  beforeAll(async () => {
    certificates = mkdtempSync(join(tmpdir(), 'lv-pki-'))
    tls = makeCertificates(certificates)
    tcpPort = await freePort()
    tlsPort = await freePort()
    libvirtd = await startLibvirtd({
      args: ['--listen'],
      config: () => `listen_addr = "${host}"
listen_tcp = 1
auth_tcp = "none"
tcp_port = "${tcpPort}"
listen_tls = 1
auth_tls = "none"
tls_port = "${tlsPort}"
ca_file = "${certificates}/ca.pem"
cert_file = "${certificates}/server.pem"
key_file = "${certificates}/server.key"
`,
    })
  })
  afterAll(async () => {
    await libvirtd?.stop()
    rmSync(certificates, { recursive: true, force: true })
  })

  test('TCP', async () => {
    const connection = await connect({ host, port: tcpPort, uri })
    expect(await connection.host.hostname()).toBe(
      await virshAt(`test+tcp://${host}:${tcpPort}/default`, 'hostname'),
    )
    await connection.close()
  })

  test('TLS, with a certificate of ours', async () => {
    const connection = await connect({ host, port: tlsPort, tls: tls('client'), uri })
    expect((await connection.domain.list()).map(({ name }) => name)).toEqual(['test'])
    expect(await connection.host.capabilities()).toContain('<capabilities>')
    await connection.close()
    expect(await connection.closed).toBeUndefined()
  })

  test('TLS with a certificate that libvirtd does not trust is refused', async () => {
    const attempt = connect({ host, port: tlsPort, tls: tls('stranger'), uri, deadlineMs: 5000 })
    await expect(attempt).rejects.toMatchObject({ name: 'ConnectionClosedError' })
  })

  test('a libvirtd that we do not trust is refused', async () => {
    const ca = readFileSync(join(certificates, 'other.pem'))
    const attempt = connect({ host, port: tlsPort, tls: { ...tls('client'), ca }, uri, deadlineMs: 5000 })
    await expect(attempt).rejects.toThrow(/certificate/)
  })

  test('a port where nobody listens', async () => {
    const port = await freePort()
    await expect(connect({ host, port, uri })).rejects.toThrow(`tcp ${host}:${port}`)
  })
})
