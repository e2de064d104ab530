import type { ClusterFile } from '@drover/planner'

/** What a made-up cluster is like. */
export interface ClusterShape {
  seed: number
  hosts: number
  vms: number
  /** How much of all memory, and of all CPU, is used. */
  memory: number
  cpu: number
  /** How unevenly VMs are spread over hosts: the standard deviation of a host's weight, as a logarithm. */
  skew: number
  /** How many rules of each kind that hold at the beginning. */
  rules: number
}

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

/** Memory sizes in GiB, and how many VMs of a hundred have them. */
const sizes: [number, number][] = [
  [2, 20],
  [4, 29],
  [8, 29],
  [16, 12.5],
  [32, 6.5],
  [64, 2.5],
  [96, 0.5],
]

/** No VM wants more of its host's CPU than this. */
const largest = 0.45

/** A cluster of equal hosts with VMs of many sizes, lying unevenly, with rules that hold. The same for a seed. */
export function makeCluster(shape: ClusterShape): ClusterFile {
  const random = randomOf(shape.seed)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const id = (prefix: string, n: number) => `${prefix}${String(n).padStart(5, '0')}`
  const vms = Array.from({ length: shape.vms }, (_, n) => {
    const gib =
      sizes[
        drawn(
          sizes.map(([, share]) => share),
          random(),
        )
      ]![0]
    const mhz = Math.round(Math.min(25_000, 850 * Math.exp(1.15 * normal()) * Math.sqrt(gib / 8)))
    return { id: id('vm', n), memMB: gib * 1024, cpuDemandMHz: Math.max(20, mhz), host: '' }
  })
  const total = (of: (vm: (typeof vms)[number]) => number) => vms.reduce((sum, vm) => sum + of(vm), 0)
  const per = (all: number, share: number, unit: number) => Math.ceil(all / share / shape.hosts / unit) * unit
  const memMB = Math.max(
    131_072,
    per(
      total((vm) => vm.memMB),
      shape.memory,
      2_048,
    ),
  )
  const cpuMHz = per(
    total((vm) => vm.cpuDemandMHz),
    shape.cpu,
    2_600,
  )
  // A VM as large as its host is left out: nothing could be done about that.
  for (const vm of vms) vm.cpuDemandMHz = Math.min(vm.cpuDemandMHz, Math.floor(cpuMHz * largest))
  const hosts = Array.from({ length: shape.hosts }, (_, n) => ({ id: id('host', n), cpuMHz, memMB }))
  const weights = hosts.map(() => Math.exp(shape.skew * normal()))
  const used = hosts.map(() => 0)
  const order = [...vms.keys()].sort((a, b) => vms[b]!.memMB - vms[a]!.memMB || a - b)
  for (const n of order) {
    const open = [...hosts.keys()].filter((h) => used[h]! + vms[n]!.memMB <= memMB)
    if (open.length === 0) throw new Error(`Seed ${shape.seed}: ${vms[n]!.id} has no room. Ask for less.`)
    const host =
      open[
        drawn(
          open.map((h) => weights[h]!),
          random(),
        )
      ]!
    used[host]! += vms[n]!.memMB
    vms[n]!.host = hosts[host]!.id
  }
  return { format: 'bal-cluster/1', hosts, vms, rules: makeRules({ hosts, vms }, shape.rules, random) }
}

/** The index that a number from 0 to 1 means, where each has its weight. */
function drawn(weights: readonly number[], at: number): number {
  let left = at * weights.reduce((sum, weight) => sum + weight, 0)
  for (const [i, weight] of weights.entries()) {
    left -= weight
    if (left < 0) return i
  }
  return weights.length - 1
}

type Rules = NonNullable<ClusterFile['rules']>

/** So many rules of each kind, drawn among those that hold as VMs lie. */
export function makeRules(
  { hosts, vms }: Pick<ClusterFile, 'hosts' | 'vms'>,
  count: number,
  random: () => number,
): Rules {
  const rules: Rules[number][] = []
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
  const add = (rule: Omit<Rules[number], 'id'>) => rules.push({ id: `r${rules.length}`, ...rule })
  const some = <T>(from: readonly T[], most: number) => [
    ...new Set(Array.from({ length: 2 + Math.floor(random() * (most - 1)) }, () => pick(from))),
  ]
  for (let n = 0; n < count; n += 1) {
    const apart = new Map(some(vms, 5).map((vm) => [vm.host, vm.id]))
    if (apart.size > 1) add({ kind: 'vm-vm', relation: 'apart', vms: [...apart.values()] })
    const one = pick(vms)
    const beside = vms.filter((vm) => vm.host === one.host && vm.memMB <= 8_192)
    const together = beside.length > 1 ? some(beside, 3) : []
    if (together.length > 1) add({ kind: 'vm-vm', relation: 'together', vms: together.map((vm) => vm.id) })
    const bound = some(vms, 3)
    const homes = [
      ...bound.map((vm) => vm.host),
      ...some(hosts, Math.max(2, hosts.length / 4)).map((h) => h.id),
    ]
    add({ kind: 'vm-host', relation: 'must', vms: bound.map((vm) => vm.id), hosts: [...new Set(homes)] })
    const kept = some(vms, 4)
    const barred = some(hosts, Math.max(2, hosts.length / 4))
      .map((h) => h.id)
      .filter((host) => kept.every((vm) => vm.host !== host))
    if (barred.length > 0)
      add({ kind: 'vm-host', relation: 'must-not', vms: kept.map((vm) => vm.id), hosts: barred })
  }
  return rules
}
