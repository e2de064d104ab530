import { createServer, connect as dial, type Server } from 'node:net'

/** Where agents tell each other that they are there. */
export const probePort = 16_510
/**
 * What else answers on a host whose agent is dead: libvirt's own port for other hosts, where it listens without TLS, and
 * the shell's, whose server speaks first. A host that hangs answers on neither.
 */
const otherPorts = { libvirt: 16_509, ssh: 22 }
/** A call of libvirt's RPC that needs no login: which ways to log in are there (REMOTE_PROC_AUTH_LIST). */
const libvirtCall = Buffer.from([28, 0x20008086, 1, 66, 0, 1, 0].flatMap((word) => [...uint32(word)]))

/**
 * Answers whoever connects with one line. That the kernel takes connections says little: those of a host that hangs are
 * still taken, and nobody answers.
 */
export function answerProbes(hostId: string, port: number): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.setTimeout(2_000, () => socket.destroy())
    socket.end(`drover ${hostId}\n`)
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, () => resolve(server))
  })
}

/** Whether an agent or, where that is dead, libvirt or the secure shell answers at this address in time. Never rejects. */
export async function reaches(address: string, timeoutMs: number, ports = otherPorts): Promise<boolean> {
  const { host, port } = split(address)
  const all = [
    answers(host, port ?? probePort, '', /^drover /, timeoutMs),
    answers(host, ports.libvirt, libvirtCall, /./s, timeoutMs),
    answers(host, ports.ssh, '', /^SSH-/, timeoutMs),
  ]
  const first = all.map(async (answer) => (await answer) || Promise.reject(new Error('no answer')))
  return Promise.any(first).catch(() => false)
}

function answers(
  host: string,
  port: number,
  question: string | Buffer,
  expected: RegExp,
  timeoutMs: number,
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dial({ host, port })
    const done = (ok: boolean) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(ok)
    }
    const timer = setTimeout(() => done(false), timeoutMs)
    socket.on('connect', () => question.length > 0 && socket.write(question))
    socket.on('data', (data) => done(expected.test(data.toString('latin1'))))
    socket.on('error', () => done(false))
    socket.on('close', () => done(false))
  })
}

/** `10.0.0.1`, `10.0.0.1:16510`, `fd00::1`, `[fd00::1]:16510`. */
function split(address: string): { host: string; port: number | null } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(address)
  if (match) return { host: (match[1] ?? match[2])!, port: Number(match[3]) }
  return { host: address.replace(/^\[|\]$/g, ''), port: null }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
