import { buildModel, type Model, type ModelInput, type ModelRule } from '../model/model'

/** A generator of numbers from 0 to 1 that is the same for a seed everywhere (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export interface ClusterShape {
  hosts: number
  running: number
  waiting: number
  rules: number
  memory: number
  sizes: readonly number[]
}

/** A cluster in which some VMs run, as rules allow, and the last `waiting` ones are to be placed. */
export function randomCluster(seed: number, shape: ClusterShape): { model: Model; waiting: number[] } {
  const random = randomOf(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
  const total = shape.running + shape.waiting
  const sizes = Array.from({ length: total }, () => pick(shape.sizes))
  const used = Array.from({ length: shape.hosts }, () => 0)
  const at = sizes.map((size, vm) => {
    if (vm >= shape.running) return -1
    const host = Math.floor(random() * shape.hosts)
    if (used[host]! + size > shape.memory) return -1
    used[host]! += size
    return host
  })
  const some = (from: number, most: number) => {
    const count = 2 + Math.floor(random() * (most - 1))
    return [...new Set(Array.from({ length: count }, () => Math.floor(random() * from)))]
  }
  const rules = Array.from({ length: shape.rules }, (): ModelRule => {
    const kind = random() < 0.7 ? 'vm-vm' : 'vm-host'
    const strict = random() < 0.7
    const vms = some(total, 4)
    if (kind === 'vm-vm')
      return { kind, relation: random() < 0.6 ? 'apart' : 'together', strict, vms, hosts: [] }
    const hosts = some(shape.hosts, 3).map((host, i) => ({ host, priority: i }))
    return { kind, relation: random() < 0.7 ? 'on' : 'notOn', strict, vms, hosts }
  })
  const input: ModelInput = {
    resources: [
      { name: 'memory', hard: true, weight: 1 },
      { name: 'cpu', hard: false, weight: 1 },
    ],
    hosts: used.map((taken, host) => ({
      name: `h${host}`,
      capacity: [shape.memory, 16],
      used: [taken, 0],
      accepts: random() < 0.9,
    })),
    vms: sizes.map((size, vm) => ({
      name: `v${vm}`,
      size: [size, 1],
      at: at[vm]!,
      rank: 1 + Math.floor(random() * 3),
      protected: random() < 0.8,
    })),
    rules,
  }
  const waiting = [...sizes.keys()].slice(shape.running)
  return { model: buildModel(input), waiting }
}

/** The strict rules that do not hold, in the checker's own way: it looks at the rules, not at what was made of them. */
export function brokenStrict(model: Model, at: (vm: number) => number): number[] {
  return [...model.rules.entries()].flatMap(([i, { kind, relation, strict, vms, hosts }]) => {
    if (!strict) return []
    const where = vms.map(at).filter((host) => host >= 0)
    const named = (host: number) => hosts.some((one) => one.host === host)
    const holds =
      kind === 'vm-host'
        ? where.every((host) => named(host) === (relation === 'on'))
        : relation === 'apart'
          ? new Set(where).size === where.length
          : new Set(where).size <= 1
    return holds ? [] : [i]
  })
}
