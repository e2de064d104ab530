/**
 * Runs inside the VM network's namespace, where guests can be asked, and does it for the process outside: one request
 * of JSON per line in, one answer per line out. Measuring is done here, away from whatever else keeps that process busy.
 */
import { createSocket, type Socket } from 'node:dgram'
import { createInterface } from 'node:readline'
import { parseStatus } from './status'
import { startWatch } from './watch'

export type ProberRequest =
  | { id: number; verb: 'ask'; address: string; text: string; timeoutMs: number }
  | { id: number; verb: 'watch'; address: string; intervalMs: number }
  | { id: number; verb: 'stop'; watch: number }

export type ProberAnswer = { id: number; result?: unknown; error?: string }

export const statusPort = 7777

const watches = new Map<number, ReturnType<typeof startWatch>>()

const answer = (message: ProberAnswer) => process.stdout.write(`${JSON.stringify(message)}\n`)

function ask(request: Extract<ProberRequest, { verb: 'ask' }>): void {
  const socket: Socket = createSocket('udp4')
  const end = (message: ProberAnswer) => {
    clearTimeout(timer)
    socket.close()
    answer(message)
  }
  const { id, address, text, timeoutMs } = request
  const timer = setTimeout(
    () => end({ id, error: `no answer from ${address} in ${timeoutMs} ms` }),
    timeoutMs,
  )
  socket.once('error', (error) => end({ id, error: `${address}: ${error.message}` }))
  socket.once('message', (message) => end({ id, result: parseStatus(message.toString()) }))
  socket.send(text, statusPort, address)
}

function handle(request: ProberRequest): void {
  if (request.verb === 'ask') {
    ask(request)
    return
  }
  if (request.verb === 'watch') {
    watches.set(request.id, startWatch(request.address, statusPort, request.intervalMs))
    answer({ id: request.id, result: request.id })
    return
  }
  const watch = watches.get(request.watch)
  watches.delete(request.watch)
  answer({ id: request.id, result: watch?.stop() })
}

const lines = createInterface({ input: process.stdin })
lines.on('line', (line) => handle(JSON.parse(line) as ProberRequest))
// Whoever asked is gone.
lines.on('close', () => process.exit(0))
