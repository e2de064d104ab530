import type { ClusterFile } from '@drover/planner'

export interface NamedMove {
  vm: string
  source: string
  target: string
}

export interface Judged {
  faults: string[]
  moves: number
  gigabytes: number
  spreadCpu: number
  spreadMemory: number
  mostCpu: number
  overCpu: number
}

/**
 * Plays a plan on the file itself, knowing nothing of the planner: each move possible as written, fitting in memory on its
 * target while its source still holds it, and breaking no rule that held; those that keep VMs together are looked at in the end.
 */
export function judge(file: ClusterFile, moves: readonly NamedMove[]): Judged {
  const hosts = new Map(file.hosts.map((host) => [host.id, { ...host, cpu: 0, memory: 0 }]))
  const vms = new Map(file.vms.map((vm) => [vm.id, { ...vm }]))
  const rules = file.rules ?? []
  for (const vm of vms.values()) {
    hosts.get(vm.host)!.cpu += vm.cpuDemandMHz
    hosts.get(vm.host)!.memory += vm.memMB
  }
  const isBroken = ({ relation, vms: members, hosts: named = [] }: (typeof rules)[number]): boolean => {
    const at = members.map((id) => vms.get(id)!.host)
    if (relation === 'apart') return new Set(at).size < at.length
    if (relation === 'together') return new Set(at).size > 1
    return at.some((host) => named.includes(host) === (relation === 'must-not'))
  }
  const before = new Set(rules.filter(isBroken))
  const faults: string[] = []
  let megabytes = 0
  for (const [i, { vm: id, source, target }] of moves.entries()) {
    const vm = vms.get(id)
    const [from, to] = [hosts.get(source), hosts.get(target)]
    if (!vm || !from || !to || vm.host !== source || source === target) {
      faults.push(`move ${i} is not possible as it is written`)
      continue
    }
    if (to.memory + vm.memMB > to.memMB) faults.push(`move ${i}: ${target} has no memory for ${id}`)
    from.cpu -= vm.cpuDemandMHz
    from.memory -= vm.memMB
    to.cpu += vm.cpuDemandMHz
    to.memory += vm.memMB
    vm.host = target
    megabytes += vm.memMB
    for (const rule of rules)
      if (rule.relation !== 'together' && rule.vms.includes(id) && !before.has(rule) && isBroken(rule))
        faults.push(`move ${i} breaks ${rule.id}`)
  }
  for (const rule of rules)
    if (!before.has(rule) && isBroken(rule)) faults.push(`${rule.id} is broken in the end`)
  const cpu = [...hosts.values()].map((host) => host.cpu / host.cpuMHz)
  const memory = [...hosts.values()].map((host) => host.memory / host.memMB)
  return {
    faults,
    moves: moves.length,
    gigabytes: Math.round(megabytes / 1024),
    spreadCpu: deviation(cpu),
    spreadMemory: deviation(memory),
    mostCpu: cpu.reduce((most, share) => Math.max(most, share), 0),
    overCpu: cpu.filter((share) => share > 1).length,
  }
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}
