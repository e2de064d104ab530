import { useSyncExternalStore } from 'react'

const stepMs = 250
let offsetMs = 0
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

/** Times are control's: `offsetMs` is what to add to this browser's clock to get it. */
export function setClockOffset(ms: number): void {
  offsetMs = ms
}

/** Control's time now, in epoch ms. */
export function now(): number {
  return Date.now() + offsetMs
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    for (const each of listeners) each()
  }, 1_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

/** A text that depends on the time: drawn again when the text changes, not when the clock ticks. */
export function useTimed<T extends string | number | boolean>(say: (now: number) => T): T {
  // In steps: a value that differed at every look would have React draw without end.
  return useSyncExternalStore(subscribe, () => say(Math.floor(now() / stepMs) * stepMs))
}
