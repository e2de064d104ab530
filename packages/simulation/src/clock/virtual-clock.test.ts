import { describe, expect, it } from 'vitest'
import { VirtualClock } from './virtual-clock'

describe('the virtual clock', () => {
  it('fires by time, then in the order of setting, and lets promises settle in between', async () => {
    const clock = new VirtualClock(0)
    const seen: string[] = []
    clock.setTimer(20, () => seen.push(`late at ${clock.now()}`))
    clock.setTimer(10, () => {
      seen.push('first')
      void Promise.resolve()
        .then(() => {})
        .then(() => seen.push('what the first promised'))
    })
    clock.setTimer(10, () => seen.push('second'))
    clock.setTimer(10, () => seen.push('taken back'))()
    await clock.advance(50)
    expect(seen).toEqual(['first', 'what the first promised', 'second', 'late at 20'])
    expect(clock.now()).toBe(50)
  })

  it('stays in order with many timers', async () => {
    const clock = new VirtualClock(0)
    const seen: number[] = []
    for (let i = 0; i < 500; i++) clock.setTimer((i * 7919) % 101, () => seen.push(clock.now()))
    await clock.advance(200)
    expect(seen).toHaveLength(500)
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
  })

  it('does not spin for ever when something waits for no time at all', async () => {
    const clock = new VirtualClock(0)
    const spin = (): void => void clock.setTimer(0, spin)
    spin()
    await expect(clock.advance(1)).rejects.toThrow('time stands still')
  })

  it('stops as soon as the condition holds, and at the deadline when it never does', async () => {
    const clock = new VirtualClock(0)
    let n = 0
    const tick = (): void => {
      n++
      clock.setTimer(10, tick)
    }
    tick()
    expect(await clock.until(() => n === 4, 1_000)).toBe(true)
    expect(clock.now()).toBe(30)
    expect(await clock.until(() => n < 0, 100)).toBe(false)
    expect(clock.now()).toBe(130)
  })
})
