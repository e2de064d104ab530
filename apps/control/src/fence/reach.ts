import { connect } from 'node:net'

/** Whether something answers at `host:port` in time; a refused connection is an answer too. Never rejects. */
export function reaches(address: string, timeoutMs: number): Promise<boolean> {
  const at = address.lastIndexOf(':')
  const [host, port] = [address.slice(0, at).replace(/^\[|\]$/g, ''), Number(address.slice(at + 1))]
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const done = (answer: boolean) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(answer)
    }
    const timer = setTimeout(() => done(false), timeoutMs)
    socket.on('connect', () => done(true))
    socket.on('error', (error: NodeJS.ErrnoException) => done(error.code === 'ECONNREFUSED'))
  })
}
