import { connect } from 'node:net'
import { join } from 'node:path'
import type { Site } from './site'

/** Switches a host of the simulated data centre on or off behind Drover's back, as a hand at its plug would. */
export async function switchHost({ dataDir }: Site, name: string, to: 'on' | 'off'): Promise<void> {
  const socket = connect(join(dataDir, 'simulated/power.sock'))
  socket.setEncoding('utf8').write(`${to} ${name}\n`)
  let answer = ''
  for await (const text of socket) answer += text
  if (answer.trim() !== to) throw new Error(`The board of ${name} says: ${answer}`)
}
