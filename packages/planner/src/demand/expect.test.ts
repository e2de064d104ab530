import { describe, expect, it } from 'vitest'
import { expectDemand, type PastHours, type RecentUsage } from './expect'

const at = Date.UTC(2026, 10, 22, 8, 30)

function recent(cpu: number[], more: Partial<Record<keyof RecentUsage, number[]>> = {}): RecentUsage {
  const column = (field: keyof RecentUsage, otherwise: number[]) =>
    Float32Array.from(more[field] ?? otherwise)
  const none = cpu.map(() => 0)
  return {
    cpuMean: Float32Array.from(cpu),
    cpuP95: column('cpuP95', cpu),
    memoryMean: column('memoryMean', none),
    diskMean: column('diskMean', none),
    networkMean: column('networkMean', none),
    pressureMean: column('pressureMean', none),
  }
}

const flat = (value: number, n = 24) => new Array<number>(n).fill(value)

/** A week in which it is 1, and 4 from 9 to 17 o'clock; the last hour is 7 to 8. */
function week(busy = 4): PastHours {
  const cpu = Float32Array.from({ length: 168 }, (_, i) => {
    const hour = (i + 8) % 24
    return hour >= 9 && hour < 17 ? busy : 1
  })
  return { cpuMean: cpu, cpuP95: cpu }
}

describe('what a VM is expected to need', () => {
  it('is nothing where nothing was heard', () => {
    expect(expectDemand(recent(flat(Number.NaN)), week(), at)).toBeNull()
  })

  it('is its level, whatever its last sample was, and what it seldom exceeds is more', () => {
    const cpu = [...flat(2, 23), 2.6]
    const demand = expectDemand(recent(cpu, { cpuP95: flat(3) }), null, at)!
    expect(demand.cpu).toBeGreaterThan(2)
    expect(demand.cpu).toBeLessThan(2.5)
    expect(demand.cpuHigh).toBeCloseTo(3)
    expect(demand.aheadCpu).toBeUndefined()
    expect(demand.basis).toBe('mean and trend of 30 min, 95th percentile of 2 h')
  })

  it('goes on rising where it rises, and does not fall before it has fallen', () => {
    const rising = expectDemand(recent([...flat(1, 18), 1, 1.2, 1.4, 1.6, 1.8, 2]), null, at)!
    expect(rising.cpu).toBeGreaterThan(1.9)
    expect(rising.cpu).toBeLessThan(2.5)
    const falling = expectDemand(recent([...flat(2, 18), 2, 1.8, 1.6, 1.4, 1.2, 1]), null, at)!
    expect(falling.cpu).toBeCloseTo(1.5)
  })

  it('believes a fall that lasts: what was before it says nothing of what is to come', () => {
    const memory = [...flat(8, 22), 1, 1]
    const fallen = expectDemand(recent([...flat(2, 22), 0.5, 0.5], { memoryMean: memory }), null, at)!
    expect([fallen.cpu, fallen.memory]).toEqual([0.5, 1])
    const once = expectDemand(recent([...flat(2, 23), 0.5], { memoryMean: [...flat(8, 23), 1] }), null, at)!
    expect([once.cpu, once.memory]).toEqual([1.75, 8])
    const back = expectDemand(
      recent([...flat(2, 22), 0.5, 2], { memoryMean: [...flat(8, 22), 1, 8] }),
      null,
      at,
    )!
    expect(back.memory).toBe(8)
  })

  it('knows the rise of this time of day, and what the coming hours need', () => {
    const demand = expectDemand(recent(flat(1)), week(), at)!
    expect(demand.cpu).toBeGreaterThan(1.4)
    expect(demand.cpuHigh).toBe(4)
    expect(demand.aheadCpu).toEqual([1, 4, 4, 4, 4, 4, 4, 4, 4, 1, 1, 1])
    expect(demand.basis).toMatch(/this time of day on 7 days/)
  })

  it('takes no single day for a habit', () => {
    const past = week(1)
    past.cpuP95[168 - 24 + 1] = 9
    expect(expectDemand(recent(flat(1)), past, at)!.aheadCpu).toEqual(flat(1, 12))
  })

  it('counts memory at its high, and what was wanted and not had of late', () => {
    const memory = [...flat(1, 12), ...flat(5, 12)]
    const pressure = [...flat(0, 21), ...flat(0.3, 3)]
    const found = expectDemand(recent(flat(1), { memoryMean: memory, pressureMean: pressure }), null, at)!
    expect(found.memory).toBe(5)
    expect(found.pressure).toBeCloseTo(0.3)
  })

  it('is from before where the last half hour was not heard', () => {
    const found = expectDemand(recent([...flat(3, 12), ...flat(Number.NaN, 12)]), null, at)!
    expect(found.cpu).toBe(3)
  })
})
