import { describe, expect, it } from 'vitest'
import { buildModel, type Model, type ModelInput } from '../model/model'
import { brokenStrict, randomCluster, randomOf } from '../testing/random'
import { type BalanceMove, balance } from './balance'
import { goalOfClusterFile, modelOfClusterFile } from './clusterFile'
import type { BalanceGoal } from './goal'
import { whyNots } from './whyNot'

const goal: BalanceGoal = {
  aim: 'spread',
  metrics: [
    { resource: 0, weight: 0.5, enough: 0, limit: null },
    { resource: 1, weight: 0.5, enough: 0, limit: 1 },
  ],
  minGain: 0.001,
  minShare: 0,
  maxMoves: 1_000,
  costOf: 0,
  costPerMove: 0.1,
}

/** A cluster whose hosts say what their VMs use, with rules and loads drawn by a seed. */
function cluster(seed: number): Model {
  const random = randomOf(seed * 7 + 1)
  const shape = {
    hosts: 3 + Math.floor(random() * 12),
    running: 10 + Math.floor(random() * 60),
    waiting: 0,
    rules: Math.floor(random() * 12),
    memory: 40,
    sizes: [1, 2, 4, 8],
  }
  const { model } = randomCluster(seed, shape)
  const vms = model.vms.map((vm) => ({ ...vm, size: [vm.size[0]!, random() * 4] }))
  const hosts = model.hosts.map((host, i) => ({
    ...host,
    used: [
      vms.reduce((sum, vm) => sum + (vm.at === i ? vm.size[0]! : 0), 0),
      vms.reduce((sum, vm) => sum + (vm.at === i ? vm.size[1]! : 0), 0),
    ],
  }))
  return buildModel({ resources: model.resources, hosts, vms, rules: model.rules })
}

/** Looks at a plan on its own: each move possible as written, memory on both ends, strict rules that held. */
function faults(model: Model, moves: readonly BalanceMove[]): string[] {
  const found: string[] = []
  const at = model.vms.map((vm) => vm.at)
  const memory = model.hosts.map(({ used }) => used[0]!)
  const broken = new Set(brokenStrict(model, (vm) => at[vm]!))
  const moved = new Set<number>()
  for (const [i, { vm, from, to, step }] of moves.entries()) {
    const size = model.vms[vm]!.size[0]!
    if (at[vm] !== from || from === to) found.push(`${i}: not where it is said to be`)
    if (moved.has(vm)) found.push(`${i}: moved twice`)
    if (!model.hosts[to]!.accepts) found.push(`${i}: to a host that takes none`)
    if (memory[to]! + size > model.hosts[to]!.capacity[0]! + 1e-6) found.push(`${i}: no room`)
    moved.add(vm)
    memory[from]! -= size
    memory[to]! += size
    at[vm] = to
    for (const rule of brokenStrict(model, (one) => at[one]!)) {
      // What belongs together is on its way until its step is over.
      const between = model.rules[rule]!.relation === 'together' && moves[i + 1]?.step === step
      if (!broken.has(rule) && !between) found.push(`${i}: breaks rule ${rule}`)
    }
  }
  return found
}

describe('a balance', () => {
  it('is never at fault and never worse, whatever the cluster and its rules', () => {
    let moves = 0
    for (let seed = 0; seed < 150; seed += 1) {
      const model = cluster(seed)
      for (const aim of ['spread', 'overload'] as const) {
        const plan = balance(model, { ...goal, aim })
        expect(faults(model, plan.moves), `seed ${seed} ${aim}`).toEqual([])
        expect(plan.after.total).toBeLessThanOrEqual(plan.before.total)
        let last = plan.before.total
        for (const move of plan.moves) {
          expect(move.after.total).toBeLessThan(move.before.total)
          expect(move.before.total).toBeLessThanOrEqual(last + 1e-9)
          last = move.before.total
        }
        moves += plan.moves.length
      }
    }
    expect(moves).toBeGreaterThan(500)
  }, 60_000)

  it('is the same every time, and done: another look at its end finds nothing that is worth a move', () => {
    for (let seed = 0; seed < 40; seed += 1) {
      const model = cluster(seed)
      const plan = balance(model, { ...goal, minGain: 0.01 })
      expect(balance(model, { ...goal, minGain: 0.01 }).moves).toEqual(plan.moves)
      const rounds: number[] = []
      let next = model
      for (let round = 0; round < 4; round += 1) {
        const { moves } = balance(next, { ...goal, minGain: 0.01 })
        rounds.push(moves.length)
        next = after(next, moves)
      }
      expect(rounds[3], `seed ${seed}: ${rounds}`).toBe(0)
    }
  })

  it('exchanges VMs where no single one can move', () => {
    const model = simple(
      [10, 10],
      [9, 9, 6, 6].map((cpu, i) => ({ at: i < 2 ? 0 : 1, size: [2, cpu] })),
    )
    const plan = balance(model, goal)
    expect(plan.moves.map(({ from, to, step }) => [from, to, step])).toEqual([
      [0, 1, 0],
      [1, 0, 0],
    ])
    expect(plan.after.spread[1]).toBeCloseTo(0)
    expect(faults(model, plan.moves)).toEqual([])
  })

  it('takes an overload away with one move where one is enough', () => {
    const vms = [
      ...Array.from({ length: 12 }, () => ({ at: 0, size: [1, 1] })),
      { at: 0, size: [1, 6] },
      { at: 1, size: [1, 1] },
    ]
    const plan = balance(simple([40, 40], vms), { ...goal, aim: 'overload' })
    expect(plan.moves).toHaveLength(1)
    expect(plan.moves[0]!.vm).toBe(12)
    expect(plan.after.over).toEqual([0, 0])
  })

  it('makes room first where what has to leave an overloaded host fits nowhere', () => {
    // The only VM whose leaving helps is too large for what the others have free, until one of them hands a VM on.
    const model = simple(
      [10, 10, 10],
      [
        { at: 0, size: [2, 9] },
        { at: 0, size: [2, 9] },
        { at: 1, size: [2, 6] },
        { at: 1, size: [2, 4] },
        { at: 2, size: [2, 11] },
      ],
    )
    const plan = balance(model, { ...goal, aim: 'overload' })
    expect(plan.after.over).toEqual([0, 0])
    expect(plan.moves.map(({ vm, to }) => [vm, to])).toEqual([
      [3, 2],
      [expect.any(Number), 1],
    ])
    expect(faults(model, plan.moves)).toEqual([])
  })

  it('moves nothing where all is even, where too little is gained, and where nobody may move', () => {
    const even = simple(
      [10, 10],
      [
        { at: 0, size: [2, 2] },
        { at: 1, size: [2, 2] },
      ],
    )
    expect(balance(even, goal).moves).toEqual([])
    const lone = simple([10, 10], [{ at: 0, size: [2, 2] }])
    expect(balance(lone, goal).moves).toEqual([])
    const uneven = simple(
      [10, 10],
      [
        { at: 0, size: [1, 2] },
        { at: 0, size: [1, 2] },
      ],
    )
    expect(balance(uneven, goal).moves).toHaveLength(1)
    expect(balance(uneven, { ...goal, minGain: 0.5 }).moves).toEqual([])
    expect(balance(uneven, goal, { movable: () => false }).moves).toEqual([])
    expect(balance(uneven, { ...goal, maxMoves: 0 }).moves).toEqual([])
  })

  it('stops when it may not go on, with what it has', () => {
    const model = big(40, 800)
    const all = balance(model, goalOfClusterFile('spread'))
    let asked = 0
    const cut = balance(model, goalOfClusterFile('spread'), { mayGoOn: () => ++asked < 2 })
    expect(cut.stopped).toBe(true)
    expect(cut.moves.length).toBeGreaterThan(0)
    expect(cut.moves.length).toBeLessThan(all.moves.length)
    expect(faults(model, cut.moves)).toEqual([])
  })

  it('reaches what is aimed at on a cluster file', () => {
    const { after: then } = balance(big(32, 600), goalOfClusterFile('spread'))
    expect(then.spread[0]).toBeLessThanOrEqual(0.05)
    expect(then.spread[1]).toBeLessThanOrEqual(0.1)
    expect(then.over[0]).toBe(0)
  })

  it('says for every other host why a VM does not go there', () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const model = cluster(seed)
      const plan = balance(model, goal)
      const reasons = [...whyNots(model, goal, plan)]
      expect(reasons).toHaveLength(plan.moves.length)
      for (const others of reasons) expect(others).toHaveLength(model.hosts.length - 2)
    }
  })
})

function simple(capacity: [number, number], vms: { at: number; size: number[] }[]): Model {
  const hosts = capacity.map((_, i) => ({
    name: `h${i}`,
    capacity: [capacity[i]!, 16],
    used: [0, 1].map((r) => vms.reduce((sum, vm) => sum + (vm.at === i ? vm.size[r]! : 0), 0)),
    accepts: true,
  }))
  const input: ModelInput = {
    resources: [
      { name: 'memory', hard: true, weight: 1 },
      { name: 'cpu', hard: false, weight: 1 },
    ],
    hosts,
    vms: vms.map((vm, i) => ({ name: `v${i}`, ...vm, rank: 1, protected: true })),
    rules: [],
  }
  return buildModel(input)
}

function big(hostCount: number, vmCount: number): Model {
  const random = randomOf(11)
  const hosts = Array.from({ length: hostCount }, (_, i) => ({
    id: `host${i}`,
    cpuMHz: 50_000,
    memMB: 262_144,
  }))
  const vms = Array.from({ length: vmCount }, (_, i) => ({
    id: `vm${i}`,
    memMB: 2_048 * (1 + Math.floor(random() * 4)),
    cpuDemandMHz: 300 + Math.floor(random() * 3_000),
    host: `host${Math.floor(random() ** 2 * hostCount)}`,
  }))
  return modelOfClusterFile({ format: 'bal-cluster/1', hosts, vms })
}

function after(model: Model, moves: readonly BalanceMove[]): Model {
  const vms = model.vms.map((vm) => ({ ...vm }))
  const hosts = model.hosts.map((host) => ({ ...host, used: [...host.used] }))
  for (const { vm, from, to } of moves) {
    vms[vm]!.at = to
    for (const [r, size] of vms[vm]!.size.entries()) {
      hosts[from]!.used[r]! -= size
      hosts[to]!.used[r]! += size
    }
  }
  return buildModel({ resources: model.resources, hosts, vms, rules: model.rules })
}
