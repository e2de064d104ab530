import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { KeepAlive } from './keepalive'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('pings at the interval, dead one interval after the last unanswered one', () => {
  const ping = vi.fn()
  const dead = vi.fn()
  new KeepAlive({ intervalMs: 1000, count: 3 }, ping, dead)
  vi.advanceTimersByTime(3999)
  expect(ping).toHaveBeenCalledTimes(3)
  expect(dead).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(dead).toHaveBeenCalledExactlyOnceWith(4000)
  vi.advanceTimersByTime(10_000)
  expect(ping).toHaveBeenCalledTimes(3)
  expect(dead).toHaveBeenCalledTimes(1)
})

test('anything heard starts over', () => {
  const ping = vi.fn()
  const dead = vi.fn()
  const keepAlive = new KeepAlive({ intervalMs: 1000, count: 3 }, ping, dead)
  for (let step = 0; step < 20; step++) {
    vi.advanceTimersByTime(3500)
    keepAlive.heard()
  }
  expect(dead).not.toHaveBeenCalled()
  expect(ping).toHaveBeenCalledTimes(60)
  vi.advanceTimersByTime(4000)
  expect(dead).toHaveBeenCalledTimes(1)
})

test('stopped it does nothing more', () => {
  const ping = vi.fn()
  const keepAlive = new KeepAlive({ intervalMs: 1000, count: 1 }, ping, ping)
  keepAlive.stop()
  vi.advanceTimersByTime(10_000)
  expect(ping).not.toHaveBeenCalled()
})
