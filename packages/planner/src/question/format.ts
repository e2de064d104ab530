import { buildModel, type Model, type ModelRule, type ModelVm } from '../model/model'

/** A host of a plan question. Memory in MiB. */
export interface QuestionHost {
  id: string
  mem_mib: number
  cpu?: number
  power?: 'on' | 'off'
}

export interface QuestionVm {
  id: string
  mem_mib: number
  cpu?: number
  protected?: boolean
  /** Absent: it runs nowhere. */
  host?: string | null
}

export interface QuestionRule {
  id: string
  kind: 'vm-vm' | 'vm-host'
  relation?: 'together' | 'apart'
  strict: boolean
  vms: string[]
  hosts?: { id: string; priority?: number }[]
}

interface Asked {
  format?: 'vmha-plan/1'
  id: string
  cluster: { hosts: QuestionHost[]; vms: QuestionVm[]; rules?: QuestionRule[] }
}

/** A question about one state of a cluster (`vmha-plan/1`). */
export type PlanQuestion =
  | (Asked & { kind: 'tolerate'; ask: { host_failures: number } })
  | (Asked & { kind: 'admit'; ask: { vm: QuestionVm; host_failures: number } })
  | (Asked & { kind: 'evacuate'; ask: { host: string } })

/** Its answer (`vmha-answer/1`). `certain`: nothing was left untried for want of time. */
export type PlanAnswer = { format: 'vmha-answer/1'; id: string; certain: boolean } & (
  | { tolerates: boolean }
  | { admit: boolean; hosts: string[] }
  | { complete: boolean; moves: { vm: string; target: string }[] }
)

/** What bounds the time of an answer; far more than cases of a dozen hosts need to be certain. */
export const questionLooks = 20_000_000

/**
 * The cluster of a question in numbers. `extra`: a VM to be; it comes last. `placing`: VMs that are somewhere and are to
 * be placed anew.
 */
export function modelOfQuestion(
  { hosts, vms, rules = [] }: Asked['cluster'],
  options: { extra?: QuestionVm; placing?: ReadonlySet<string>; closed?: ReadonlySet<string> } = {},
): Model {
  const all = options.extra ? [...vms, options.extra] : vms
  const hostIndex = indexed(hosts, 'host')
  const vmIndex = indexed(all, 'VM')
  const at = all.map(({ id, host }) => {
    if (host === undefined || host === null) return -1
    return lookUp(hostIndex, host, `host of VM "${id}"`)
  })
  return buildModel({
    resources: [
      { name: 'memory', hard: true, weight: 0.5 },
      { name: 'CPU', hard: false, weight: 0.5 },
    ],
    hosts: hosts.map((host, i) => {
      const there = all.filter((_, vm) => at[vm] === i)
      return {
        name: host.id,
        capacity: [host.mem_mib, host.cpu ?? 0],
        used: [sum(there, (vm) => vm.mem_mib), sum(there, (vm) => vm.cpu ?? 0)],
        accepts: host.power !== 'off' && !options.closed?.has(host.id),
      }
    }),
    vms: all.map((vm, i): ModelVm => {
      const kept = vm.protected ?? true
      const placed = options.placing?.has(vm.id) ? -1 : at[i]!
      const size = [vm.mem_mib, vm.cpu ?? 0]
      return { name: vm.id, size, at: placed, rank: kept ? 1 : 2, protected: kept }
    }),
    rules: rules.map(
      (rule): ModelRule => ({
        kind: rule.kind,
        relation: rule.kind === 'vm-host' ? 'on' : (rule.relation ?? 'apart'),
        strict: rule.strict,
        vms: rule.vms.map((id) => lookUp(vmIndex, id, `VM of rule "${rule.id}"`)),
        hosts: (rule.hosts ?? []).map(({ id, priority = 0 }) => ({
          host: lookUp(hostIndex, id, `host of rule "${rule.id}"`),
          priority,
        })),
      }),
    ),
  })
}

function indexed(rows: readonly { id: string }[], noun: string): Map<string, number> {
  const index = new Map<string, number>()
  for (const [i, { id }] of rows.entries()) {
    if (index.has(id)) throw new Error(`There are two ${noun}s "${id}". Give each an id of its own.`)
    index.set(id, i)
  }
  return index
}

function lookUp(index: ReadonlyMap<string, number>, id: string, what: string): number {
  const found = index.get(id)
  if (found === undefined)
    throw new Error(`The ${what}, "${id}", is not in the cluster. Correct the name or add it.`)
  return found
}

function sum<T>(rows: readonly T[], of: (row: T) => number): number {
  return rows.reduce((total, row) => total + of(row), 0)
}
