import { describe, expect, it } from 'vitest'
import { answerPlan } from './answer'
import type { PlanQuestion, QuestionHost, QuestionRule, QuestionVm } from './format'

const gib = 1024

function hosts(sizes: Record<string, number>): QuestionHost[] {
  return Object.entries(sizes).map(([id, size]) => ({ id, mem_mib: size * gib }))
}

/** `{ web: ['north', 4] }`: where each runs and how large it is. */
function vms(all: Record<string, [string, number]>): QuestionVm[] {
  return Object.entries(all).map(([id, [host, size]]) => ({ id, host, mem_mib: size * gib, protected: true }))
}

function apart(...names: string[]): QuestionRule {
  return { id: `apart ${names}`, kind: 'vm-vm', relation: 'apart', strict: false, vms: names }
}

function evacuate(cluster: PlanQuestion['cluster'], host: string) {
  const answer = answerPlan({ id: 'q', kind: 'evacuate', cluster, ask: { host } })
  if (!('moves' in answer)) throw new Error('not about moves')
  return answer
}

function counts(answer: ReturnType<typeof evacuate>): number[] {
  const at = new Map<string, number>()
  for (const { target } of answer.moves) at.set(target, (at.get(target) ?? 0) + 1)
  return [...at.values()].sort()
}

describe('can the cluster lose hosts?', () => {
  const ask = (cluster: PlanQuestion['cluster'], failures: number) =>
    answerPlan({ id: 'q', kind: 'tolerate', cluster, ask: { host_failures: failures } })

  it('yes, when what ran there fits elsewhere whichever it is', () => {
    const cluster = { hosts: hosts({ a: 16, b: 16 }), vms: vms({ x: ['a', 8], y: ['a', 8] }), rules: [] }
    expect(ask(cluster, 1)).toMatchObject({ tolerates: true, certain: true })
    expect(ask(cluster, 2)).toMatchObject({ tolerates: false })
    expect(ask(cluster, 0)).toMatchObject({ tolerates: true })
  })

  it('no, when one large VM has no hole of its size, though all holes together are larger', () => {
    const cluster = {
      hosts: hosts({ a: 4, b: 4, c: 4 }),
      vms: vms({ x: ['a', 3], y: ['b', 2], z: ['c', 2] }),
      rules: [],
    }
    expect(ask(cluster, 1)).toMatchObject({ tolerates: false })
  })

  it('does not count VMs that need no restart', () => {
    const best: QuestionVm[] = [{ id: 'x', host: 'a', mem_mib: 9 * gib, protected: false }]
    expect(ask({ hosts: hosts({ a: 16, b: 8 }), vms: best, rules: [] }, 1)).toMatchObject({ tolerates: true })
  })

  it('obeys strict rules', () => {
    const cluster = {
      hosts: hosts({ a: 16, b: 16 }),
      vms: vms({ x: ['a', 1], y: ['b', 1] }),
      rules: [{ ...apart('x', 'y'), strict: true }],
    }
    expect(ask(cluster, 1)).toMatchObject({ tolerates: false })
    expect(ask({ ...cluster, rules: [apart('x', 'y')] }, 1)).toMatchObject({ tolerates: true })
  })
})

describe('may one more VM start?', () => {
  const ask = (all: QuestionVm[], size: number, failures: number) =>
    answerPlan({
      id: 'q',
      kind: 'admit',
      cluster: { hosts: hosts({ a: 16, b: 16, c: 8 }), vms: all, rules: [] },
      ask: { vm: { id: 'new', mem_mib: size * gib, protected: true }, host_failures: failures },
    })

  it('where there is room, and where losing it would be survived', () => {
    expect(ask([], 8, 1)).toMatchObject({ admit: true, hosts: ['a', 'b', 'c'] })
    expect(ask([], 20, 0)).toMatchObject({ admit: false, hosts: [] })
    // On b it would leave too little for what a runs.
    const full = vms({ x: ['a', 8], y: ['a', 8] })
    expect(ask(full, 10, 1)).toMatchObject({ admit: false })
    expect(ask(full, 10, 0)).toMatchObject({ admit: true, hosts: ['b'] })
  })
})

describe('emptying a host', () => {
  it('spreads what should be apart as evenly as memory allows', () => {
    const leaving = vms({ p: ['b', 6], q: ['b', 5], r: ['b', 4], s: ['b', 3] })
    const cluster = { hosts: hosts({ a: 64, b: 64, c: 9 }), vms: leaving, rules: [apart('p', 'q', 'r', 's')] }
    const even = evacuate(cluster, 'b')
    expect(even).toMatchObject({ complete: true, certain: true })
    expect(counts(even)).toEqual([2, 2])
    const tight = evacuate({ ...cluster, hosts: hosts({ a: 64, b: 64, c: 6 }) }, 'b')
    expect(counts(tight)).toEqual([1, 3])
  })

  it('counts those of a group that run elsewhere', () => {
    const all = vms({ p: ['b', 4], q: ['c', 4] })
    const plan = evacuate({ hosts: hosts({ a: 64, b: 16, c: 16 }), vms: all, rules: [apart('p', 'q')] }, 'b')
    expect(plan.moves).toEqual([{ vm: 'p', target: 'a' }])
  })

  it('finds the way that putting each where there is most room misses', () => {
    const all = vms({ p: ['b', 9], q: ['b', 8], r: ['b', 7], s: ['b', 6] })
    expect(evacuate({ hosts: hosts({ a: 15, b: 64, c: 15 }), vms: all, rules: [] }, 'b').complete).toBe(true)
  })

  it('moves what it can when not all can go, and what stays then fits where that is possible', () => {
    const all = vms({ p: ['b', 12], q: ['b', 7], r: ['b', 5] })
    const plan = evacuate({ hosts: hosts({ a: 12, b: 12 }), vms: all, rules: [] }, 'b')
    expect(plan.complete).toBe(false)
    const moved = plan.moves.reduce((sum, { vm }) => sum + all.find(({ id }) => id === vm)!.mem_mib, 0)
    expect(moved).toBe(12 * gib)
  })

  it('names what is wrong with a question', () => {
    const cluster = { hosts: hosts({ a: 1 }), vms: vms({ x: ['z', 1] }), rules: [] }
    expect(() => evacuate(cluster, 'a')).toThrow('"z", is not in the cluster')
    expect(() => evacuate({ ...cluster, vms: [] }, 'q')).toThrow('"q", is not in the cluster')
  })
})
