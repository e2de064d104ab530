import { describe, expect, it } from 'vitest'
import { Layout } from '../model/layout'
import { buildModel, type Model, type ModelInput } from '../model/model'
import { brokenStrict, type ClusterShape, randomCluster } from '../testing/random'
import { place } from './place'
import { rearrange } from './rearrange'

const small: ClusterShape = {
  hosts: 3,
  running: 3,
  waiting: 5,
  rules: 3,
  memory: 12,
  sizes: [2, 3, 4, 5, 6, 7],
}

/** Every way to place the waiting VMs: how many of each rank can be placed at best. */
function bestByTrying(model: Model, waiting: readonly number[]): number[] {
  const before = brokenStrict(model, (vm) => model.vms[vm]!.at)
  const at = model.vms.map((vm) => vm.at)
  const used = model.hosts.map((host) => host.used[0]!)
  let best = [0, 0, 0]
  const visit = (depth: number): void => {
    if (depth === waiting.length) {
      const counts = [1, 2, 3].map(
        (rank) => waiting.filter((vm) => rankOf(model, vm) === rank && at[vm]! >= 0).length,
      )
      const broken = brokenStrict(model, (vm) => at[vm]!).filter((rule) => !before.includes(rule))
      // Rules that are broken already must not be touched by what is placed.
      const worse = before.some((rule) =>
        model.rules[rule]!.vms.some((vm) => waiting.includes(vm) && at[vm]! >= 0),
      )
      if (broken.length === 0 && !worse && compare(counts, best) > 0) best = counts
      return
    }
    const vm = waiting[depth]!
    visit(depth + 1)
    for (const [host, { capacity, accepts }] of model.hosts.entries()) {
      const size = model.vms[vm]!.size[0]!
      if (!accepts || used[host]! + size > capacity[0]!) continue
      at[vm] = host
      used[host]! += size
      visit(depth + 1)
      used[host]! -= size
      at[vm] = -1
    }
  }
  visit(0)
  return best
}

/** A group has the rank of its first. */
function rankOf(model: Model, vm: number): number {
  const group = model.groupOf[vm]!
  return group < 0
    ? model.vms[vm]!.rank
    : Math.min(
        ...model.groups[group]!.filter((one) => model.vms[one]!.at < 0).map((one) => model.vms[one]!.rank),
      )
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [i, value] of a.entries()) if (value !== b[i]) return value - b[i]!
  return 0
}

/** A fresh cluster without rules that are broken from the start, whose groups are placed whole or run. */
function cleanCluster(seed: number) {
  const { model, waiting } = randomCluster(seed, small)
  const clean = brokenStrict(model, (vm) => model.vms[vm]!.at).length === 0
  const down = [...model.vms.keys()].filter((vm) => model.vms[vm]!.at < 0)
  return clean ? { model, waiting: down.length === waiting.length ? waiting : down } : null
}

describe('placing', () => {
  it('never breaks a strict rule, never over-commits memory, and moves nothing', () => {
    for (let seed = 1; seed <= 400; seed += 1) {
      const shape = { hosts: 6, running: 14, waiting: 16, rules: 8, memory: 32, sizes: [1, 2, 4, 6, 9] }
      const { model, waiting } = randomCluster(seed, shape)
      const before = brokenStrict(model, (vm) => model.vms[vm]!.at)
      const { hosts, layout, moves } = place(model, waiting)
      const at = (vm: number) => hosts.get(vm) ?? model.vms[vm]!.at
      expect(brokenStrict(model, at), `seed ${seed}`).toEqual(before)
      for (const [host, { capacity, accepts }] of model.hosts.entries()) {
        expect(layout.used[host * 2], `seed ${seed}`).toBeLessThanOrEqual(capacity[0]!)
        if (!accepts) expect([...hosts.values()], `seed ${seed}`).not.toContain(host)
      }
      expect(moves).toEqual([])
    }
  })

  it('places as many as can be, by rank: the same as trying everything', () => {
    let looked = 0
    for (let seed = 1; seed <= 150; seed += 1) {
      const cluster = cleanCluster(seed)
      if (!cluster || cluster.waiting.length > 6) continue
      looked += 1
      const { model, waiting } = cluster
      const { hosts, unplaced, exhaustive } = place(model, waiting)
      const counts = [1, 2, 3].map(
        (rank) => waiting.filter((vm) => rankOf(model, vm) === rank && hosts.get(vm)! >= 0).length,
      )
      expect(counts, `seed ${seed}`).toEqual(bestOfGroups(model, waiting))
      expect(exhaustive).toBe(true)
      for (const { hosts: all } of unplaced)
        for (const { reasons } of all) expect(reasons.length).toBeGreaterThan(0)
    }
    expect(looked).toBeGreaterThan(60)
  })

  /** As `bestByTrying`, for placements in which a group is placed whole or not at all. */
  function bestOfGroups(model: Model, waiting: readonly number[]): number[] {
    const groups = model.groups
      .map((group) => group.filter((vm) => waiting.includes(vm)))
      .filter((g) => g.length > 0)
    let best = [0, 0, 0]
    // Leave out each selection of groups; the rest has to be placed whole.
    for (let mask = 0; mask < 2 ** groups.length; mask += 1) {
      const out = new Set(groups.flatMap((group, i) => ((mask >> i) & 1 ? group : [])))
      const kept = waiting.filter((vm) => !out.has(vm))
      const counts = bestWhole(model, kept)
      if (counts && compare(counts, best) > 0) best = counts
    }
    return best
  }

  function bestWhole(model: Model, waiting: readonly number[]): number[] | null {
    const needed = waiting.filter((vm) => model.groupOf[vm]! >= 0)
    return needed.length === 0 ? bestByTrying(model, waiting) : bestWith(model, waiting, needed)
  }

  function bestWith(model: Model, waiting: readonly number[], needed: readonly number[]): number[] | null {
    const at = model.vms.map((vm) => vm.at)
    const used = model.hosts.map((host) => host.used[0]!)
    let best: number[] | null = null
    const visit = (depth: number): void => {
      if (depth === needed.length) {
        if (brokenStrict(model, (vm) => at[vm]!).length > 0) return
        const fixed = buildModel({
          ...model,
          hosts: model.hosts.map((host, i) => ({ ...host, used: [used[i]!, 0] })),
          vms: model.vms.map((vm, i) => ({ ...vm, at: at[i]! })),
        })
        const rest = waiting.filter((vm) => !needed.includes(vm))
        const counts = bestByTrying(fixed, rest).map(
          (count, i) => count + needed.filter((vm) => rankOf(model, vm) === i + 1).length,
        )
        if (!best || compare(counts, best) > 0) best = counts
        return
      }
      const vm = needed[depth]!
      for (const [host, { capacity, accepts }] of model.hosts.entries()) {
        const size = model.vms[vm]!.size[0]!
        if (!accepts || used[host]! + size > capacity[0]!) continue
        at[vm] = host
        used[host]! += size
        visit(depth + 1)
        used[host]! -= size
        at[vm] = -1
      }
    }
    visit(0)
    return best
  }

  it('is the same twice', () => {
    const { model, waiting } = randomCluster(7, { ...small, waiting: 12, hosts: 5 })
    expect([...place(model, waiting).hosts]).toEqual([...place(model, waiting).hosts])
  })
})

function input(set: Partial<ModelInput>): ModelInput {
  return { resources: [{ name: 'memory', hard: true, weight: 1 }], hosts: [], vms: [], rules: [], ...set }
}

function host(capacity: number, used = 0) {
  return { name: 'h', capacity: [capacity], used: [used], accepts: true }
}

function vm(size: number, at = -1, lean = -1) {
  return { name: 'v', size: [size], at, lean, rank: 1, protected: true }
}

describe('making room', () => {
  it('moves what runs only when it may, and no more than is needed', () => {
    const hosts = [host(10, 6), host(10, 8), host(3, 0)]
    const model = buildModel(input({ hosts, vms: [vm(6), vm(3, 0), vm(3, 0), vm(8, 1)] }))
    expect(place(model, [0]).hosts.get(0)).toBe(-1)
    const { hosts: found, moves } = place(model, [0], { mayMove: [1, 2, 3] })
    expect(found.get(0)).toBe(0)
    expect(moves).toEqual([{ vm: 1, from: 0, to: 2 }])
  })

  it('leaves every step feasible', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const shape = { hosts: 4, running: 12, waiting: 4, rules: 3, memory: 16, sizes: [2, 3, 5, 7] }
      const { model, waiting } = randomCluster(seed, shape)
      const mayMove = [...model.vms.keys()].filter((one) => model.vms[one]!.at >= 0)
      const { moves, layout } = place(model, waiting, { mayMove })
      const used = model.hosts.map((one) => one.used[0]!)
      for (const { vm: moved, from, to } of moves) {
        const size = model.vms[moved]!.size[0]!
        used[to]! += size
        expect(used[to], `seed ${seed}`).toBeLessThanOrEqual(model.hosts[to]!.capacity[0]!)
        used[from]! -= size
      }
      for (const one of model.hosts.keys())
        expect(layout.used[one * 2], `seed ${seed}`).toBeLessThanOrEqual(model.hosts[one]!.capacity[0]!)
    }
  })
})

describe('rearranging', () => {
  it('moves as few as will do', () => {
    const vms = [vm(2, -1, 0), vm(2, -1, 0), vm(2, -1, 1)]
    const rules = [{ kind: 'vm-vm', relation: 'apart', strict: true, vms: [0, 1, 2], hosts: [] } as const]
    const model = buildModel(input({ hosts: [host(10), host(10), host(10)], vms, rules }))
    const found = rearrange(model, [0, 1, 2])!
    expect(new Set(found.values()).size).toBe(3)
    expect([0, 1, 2].filter((one) => found.get(one) !== vms[one]!.lean)).toHaveLength(1)
  })

  it('finds nothing where there is nothing', () => {
    const rules = [{ kind: 'vm-vm', relation: 'apart', strict: true, vms: [0, 1], hosts: [] } as const]
    const model = buildModel(input({ hosts: [host(10)], vms: [vm(2, -1, 0), vm(2, -1, 0)], rules }))
    expect(rearrange(model, [0, 1])).toBeNull()
  })
})

describe('a large cluster', () => {
  it('is not looked at host by host: heaps find what looking everywhere finds', () => {
    const sizes = [1, 2, 4, 8]
    const hosts = Array.from({ length: 2_100 }, (_, i) => host(64, (i * 7) % 40))
    const vms = Array.from({ length: 2_000 }, (_, i) => vm(sizes[i % 4]!))
    const model = buildModel(input({ hosts, vms }))
    const { hosts: found, unplaced, layout } = place(model, [...vms.keys()])
    expect(unplaced).toEqual([])
    expect(found.size).toBe(2_000)
    // As even as it can be: nobody is fuller than the next one could have been.
    const touched = new Set(found.values())
    const most = Math.max(...[...touched].map((one) => layout.used[one]!))
    const least = Math.min(...[...model.hosts.keys()].map((one) => layout.used[one]!))
    expect(most - least).toBeLessThanOrEqual(8)
    expect(new Layout(model).used[0]).toBe(0)
  })

  it('loads hosts of different sizes alike: a large one is not filled before a small one', () => {
    const host = (name: string, size: number) => ({ name, capacity: [size], used: [0], accepts: true })
    const vms = Array.from({ length: 12 }, (_, i) => {
      return { name: `vm-${i}`, size: [1 + (i % 3)], at: -1, rank: 1, protected: true }
    })
    const hosts = [host('large', 32), host('small', 8), host('middle', 16)]
    const model = buildModel({
      resources: [{ name: 'memory', hard: false, weight: 1 }],
      hosts,
      vms,
      rules: [],
    })
    const { layout } = place(model, [...vms.keys()])
    const shares = hosts.map(({ capacity }, i) => layout.used[i]! / capacity[0]!)
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThan(0.1)
  })
})
