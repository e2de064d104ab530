import { describe, expect, it } from 'vitest'
import { buildModel, type Model, type ModelVm } from '../model/model'
import { brokenStrict, randomCluster } from '../testing/random'
import { survives } from './survives'
import { tolerates } from './tolerates'

/** Whether the protected VMs of the failed hosts can all be placed: by trying every placement. */
function survivesByTrying(model: Model, failed: readonly number[]): boolean {
  const down = (host: number) => failed.includes(host)
  const vms = [...model.vms.keys()].filter((vm) => model.vms[vm]!.protected && down(model.vms[vm]!.at))
  const at = model.vms.map((vm) => (down(vm.at) ? -1 : vm.at))
  const used = model.hosts.map((host) => host.used[0]!)
  const bound = (vm: number, rule: number) => model.rules[rule]!.vms.includes(vm)
  const visit = (depth: number): boolean => {
    if (depth === vms.length) {
      const broken = brokenStrict(model, (vm) => at[vm]!)
      return !broken.some((rule) => vms.some((vm) => bound(vm, rule)))
    }
    const vm = vms[depth]!
    const size = model.vms[vm]!.size[0]!
    return model.hosts.some(({ accepts, capacity }, host) => {
      if (!accepts || down(host) || used[host]! + size > capacity[0]!) return false
      at[vm] = host
      used[host]! += size
      const found = visit(depth + 1)
      at[vm] = -1
      used[host]! -= size
      return found
    })
  }
  return visit(0)
}

describe('a failure', () => {
  it('is survived exactly when a placement exists', () => {
    let no = 0
    for (let seed = 1; seed <= 250; seed += 1) {
      const shape = { hosts: 4, running: 9, waiting: 0, rules: 2, memory: 16, sizes: [2, 3, 4, 5, 7] }
      const { model } = randomCluster(seed, shape)
      if (brokenStrict(model, (vm) => model.vms[vm]!.at).length > 0) continue
      for (const failed of [[0], [1], [0, 1], [1, 2, 3]]) {
        const { ok, certain } = survives(model, failed)
        expect([ok, certain], `seed ${seed}, hosts ${failed}`).toEqual([
          survivesByTrying(model, failed),
          true,
        ])
        if (!ok) no += 1
      }
    }
    expect(no).toBeGreaterThan(50)
  })

  it('that cannot be decided within the budget counts as not survived, and says so', () => {
    // Pieces of 5, 6 and 7 for holes of 18: whether they fit is a puzzle.
    const sizes = [7, 7, 7, 6, 6, 6, 5, 5, 5, 7, 6, 5, 7, 5, 6, 7, 6, 5]
    const vms = sizes.map((size): ModelVm => ({ name: 'v', size: [size], at: 0, rank: 1, protected: true }))
    const open = Array.from({ length: 6 }, () => ({ name: 'h', capacity: [18], used: [0], accepts: true }))
    const hosts = [{ name: 'h', capacity: [200], used: [108], accepts: true }, ...open]
    const resources = [{ name: 'memory', hard: true, weight: 1 }]
    const model = buildModel({ resources, hosts, vms, rules: [] })
    expect(survives(model, [0])).toMatchObject({ ok: true, certain: true })
    const short = survives(model, [0], { looks: 1 })
    if (!short.ok) expect(short.certain).toBe(false)
  })
})

describe('tolerance', () => {
  it('is that of the worst failure, singles and pairs', () => {
    for (let seed = 1; seed <= 120; seed += 1) {
      const shape = { hosts: 4, running: 8, waiting: 0, rules: 1, memory: 20, sizes: [2, 3, 4, 6] }
      const { model } = randomCluster(seed, shape)
      if (brokenStrict(model, (vm) => model.vms[vm]!.at).length > 0) continue
      for (const failures of [1, 2]) {
        const sets = combinations(4, failures)
        const all = sets.every((failed) => survivesByTrying(model, failed))
        expect(tolerates(model, failures).ok, `seed ${seed}, ${failures} failures`).toBe(all)
      }
    }
  })

  it('of a large cluster is found by counting', () => {
    const hosts = Array.from({ length: 2_500 }, () => ({
      name: 'h',
      capacity: [512],
      used: [18 * 16],
      accepts: true,
    }))
    const vms = Array.from({ length: 45_000 }, (_, i): ModelVm => {
      return { name: 'v', size: [16], at: i % 2_500, rank: 1, protected: true }
    })
    const resources = [{ name: 'memory', hard: true, weight: 1 }]
    const model = buildModel({ resources, hosts, vms, rules: [] })
    expect(tolerates(model, 4)).toMatchObject({ ok: true, certain: true, tried: 0 })
    const full = { ...model, hosts: model.hosts.map((host) => ({ ...host, used: [510] })) }
    expect(tolerates(full, 1)).toMatchObject({ ok: false, certain: true, tried: 1 })
  })

  it('of hosts that are alike is tried once', () => {
    const hosts = Array.from({ length: 12 }, () => ({ name: 'h', capacity: [10], used: [9], accepts: true }))
    const vms = hosts.map((_, at): ModelVm => ({ name: 'v', size: [9], at, rank: 1, protected: true }))
    const resources = [{ name: 'memory', hard: true, weight: 1 }]
    const model = buildModel({ resources, hosts, vms, rules: [] })
    expect(tolerates(model, 1, { findWorst: true })).toMatchObject({ ok: false, tried: 1 })
    expect(tolerates(model, 2, { findWorst: true })).toMatchObject({ ok: false, tried: 1 })
  })
})

function combinations(hosts: number, size: number): number[][] {
  if (size === 0) return [[]]
  return combinations(hosts, size - 1).flatMap((set) =>
    [...Array(hosts).keys()].filter((host) => host > (set.at(-1) ?? -1)).map((host) => [...set, host]),
  )
}
