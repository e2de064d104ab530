import { rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'

/** In the simulated data centre's directory: where `fence_drover_sim` orders power. */
export const powerSocket = 'power.sock'

interface Switchable {
  readonly isOn: boolean
  powerOff(): Promise<void>
  powerOn(): Promise<void>
}

/**
 * The management boards of a simulated data centre, behind one Unix socket: a line `<action> <host>` (off, on, status) is
 * answered by `on`, `off` or `error <why>`. A board answers while its host is off.
 */
export async function answerPower(path: string, hosts: ReadonlyMap<string, Switchable>): Promise<Server> {
  await rm(path, { force: true })
  const server = createServer((socket) => {
    let text = ''
    socket.setEncoding('utf8').on('error', () => {})
    socket.on('data', (data) => {
      text += data
      const end = text.indexOf('\n')
      if (end >= 0) socket.end(`${answer(hosts, text.slice(0, end))}\n`)
      else if (text.length > 1_000) socket.destroy()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  return server
}

function answer(hosts: ReadonlyMap<string, Switchable>, line: string): string {
  const [action, name = ''] = line.trim().split(' ')
  const host = hosts.get(name)
  if (!host) return `error there is no host ${name}`
  // The power is off at once; its agent, which ends with it, takes a moment to be cleared away.
  if (action === 'off') void host.powerOff()
  else if (action === 'on') void host.powerOn()
  else if (action !== 'status') return `error ${action} is unknown`
  return host.isOn ? 'on' : 'off'
}
