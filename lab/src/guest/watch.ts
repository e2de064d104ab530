import { createSocket } from 'node:dgram'
import { performance } from 'node:perf_hooks'
import { type GuestStatus, parseStatus, tickMs } from './status'

/** What was seen while a guest was watched. */
export interface WatchResult {
  sent: number
  answered: number
  /** Longest time without an answer, and the gaps of 100 ms and more (start relative to the watch's). */
  maxGapMs: number
  gaps: { atMs: number; gapMs: number }[]
  boots: string[]
  /** How often a counter was lower than before in the same boot (tick) or ever (disk): must be 0. */
  tickWentBack: number
  diskCounterWentBack: number
  /** Ticks that the guest missed against the wall clock between its first and its last answer. */
  ticksLost: number
  first?: GuestStatus
  last?: GuestStatus
}

const gapFromMs = 100

/** Asks a guest for its status at a fixed rate until stopped. */
export function startWatch(address: string, port: number, intervalMs: number): { stop(): WatchResult } {
  const result: WatchResult = {
    sent: 0,
    answered: 0,
    maxGapMs: 0,
    gaps: [],
    boots: [],
    tickWentBack: 0,
    diskCounterWentBack: 0,
    ticksLost: 0,
  }
  const startedAt = performance.now()
  let firstAt: number | undefined
  let lastAt = startedAt
  const socket = createSocket('udp4')

  const noteGap = (now: number) => {
    const gapMs = Math.round(now - lastAt)
    result.maxGapMs = Math.max(result.maxGapMs, gapMs)
    if (gapMs >= gapFromMs) result.gaps.push({ atMs: Math.round(lastAt - startedAt), gapMs })
  }
  socket.on('message', (message) => {
    const now = performance.now()
    const status = parseStatus(message.toString())
    noteGap(now)
    result.answered++
    if (!result.boots.includes(status.boot)) result.boots.push(status.boot)
    if (result.last?.boot === status.boot && status.tick < result.last.tick) result.tickWentBack++
    if (result.last && status.diskCounter < result.last.diskCounter) result.diskCounterWentBack++
    result.first ??= status
    firstAt ??= now
    result.last = status
    lastAt = now
  })
  // No way there, as with a pulled cable: it shows as a gap.
  socket.on('error', () => {})
  const timer = setInterval(() => {
    result.sent++
    socket.send('status', port, address)
  }, intervalMs)

  return {
    stop() {
      clearInterval(timer)
      socket.close()
      noteGap(performance.now())
      const { first, last } = result
      if (first && last && firstAt !== undefined && first.boot === last.boot) {
        const expected = Math.round((lastAt - firstAt) / tickMs)
        result.ticksLost = Math.max(0, expected - (last.tick - first.tick))
      }
      return result
    },
  }
}
