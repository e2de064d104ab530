import { indexed, lookUp } from '../cluster/ids'
import { buildModel, type Model, type ModelRule } from '../model/model'
import type { BalancePlan } from './balance'
import type { BalanceGoal } from './goal'

/** The format `bal-cluster/1`: a cluster in a file. */
export interface ClusterFile {
  format: 'bal-cluster/1'
  hosts: readonly { id: string; cpuMHz: number; memMB: number }[]
  vms: readonly { id: string; memMB: number; cpuDemandMHz: number; host: string }[]
  rules?: readonly {
    id: string
    kind: 'vm-vm' | 'vm-host'
    relation: 'apart' | 'together' | 'must' | 'must-not'
    vms: readonly string[]
    hosts?: readonly string[]
  }[]
}

const memory = 0
const cpu = 1

/** A cluster file as the planner sees it: memory is never over-committed, every rule is strict. */
export function modelOfClusterFile(file: ClusterFile): Model {
  const hostIndex = indexed(file.hosts, 'hosts')
  const vmIndex = indexed(file.vms, 'vms')
  const used = file.hosts.map((): [number, number] => [0, 0])
  const vms = file.vms.map((vm, i) => {
    const at = lookUp(hostIndex, vm.host, 'host', `vms[${i}].host`)
    used[at]![memory] += vm.memMB
    used[at]![cpu] += vm.cpuDemandMHz
    return { name: vm.id, size: [vm.memMB, vm.cpuDemandMHz], at, rank: 1, protected: true }
  })
  const rules = (file.rules ?? []).map(
    ({ kind, relation, vms: members, hosts = [] }, r): ModelRule => ({
      kind,
      relation: relation === 'must' ? 'on' : relation === 'must-not' ? 'notOn' : relation,
      strict: true,
      vms: members.map((id, i) => lookUp(vmIndex, id, 'VM', `rules[${r}].vms[${i}]`)),
      hosts: hosts.map((id, i) => ({
        host: lookUp(hostIndex, id, 'host', `rules[${r}].hosts[${i}]`),
        priority: 0,
      })),
    }),
  )
  return buildModel({
    resources: [
      { name: 'memory', hard: true, weight: 0.5 },
      { name: 'cpu', hard: false, weight: 0.5 },
    ],
    hosts: file.hosts.map(({ id, memMB, cpuMHz }, i) => ({
      name: id,
      capacity: [memMB, cpuMHz],
      used: used[i]!,
      accepts: true,
    })),
    vms,
    rules,
  })
}

/** What a cluster file is balanced for, unless said otherwise: CPU within .05 and memory within .10 of even. */
export function goalOfClusterFile(aim: BalanceGoal['aim'], changes: Partial<BalanceGoal> = {}): BalanceGoal {
  return {
    aim,
    metrics: [
      { resource: cpu, weight: 0.5, enough: 0.0499, limit: 1 },
      { resource: memory, weight: 0.5, enough: 0.0999, limit: null },
    ],
    minGain: 0,
    minShare: 0,
    maxMoves: Number.POSITIVE_INFINITY,
    costOf: memory,
    costPerMove: 2_048,
    ...changes,
  }
}

/** A plan's moves by name, in the form in which plans for cluster files are written. */
export function movesByName(
  model: Model,
  { moves }: BalancePlan,
): { vm: string; source: string; target: string }[] {
  return moves.map(({ vm, from, to }) => ({
    vm: model.vms[vm]!.name,
    source: model.hosts[from]!.name,
    target: model.hosts[to]!.name,
  }))
}
