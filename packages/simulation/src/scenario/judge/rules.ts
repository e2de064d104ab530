import type { Scenario, ScenarioRule } from '../format/scenario'
import { available, placeOf, type State } from './replay'

type Placement = Map<string, string | null>

export function placementOf(state: State): Placement {
  return new Map([...state.places.keys()].map((vm) => [vm, placeOf(state, vm)]))
}

/** Whether a rule holds for those of its VMs that run. */
export function holds(rule: ScenarioRule, placement: Placement): boolean {
  const hosts = rule.vms.flatMap((vm) => placement.get(vm) ?? [])
  if (rule.kind === 'vm-host') return hosts.every((host) => rule.hosts.some(({ id }) => id === host))
  const different = new Set(hosts).size
  return rule.relation === 'apart' ? different === hosts.length : different <= 1
}

/** VMs that should run, do not, and could on some available host without anything else moving: `web-1 on esx-2`. */
export function leftBehind({ cluster }: Scenario, state: State, except: readonly string[]): string[] {
  const strict = cluster.rules.filter((rule) => rule.strict)
  const placement = placementOf(state)
  const left: string[] = []
  for (const [vm, desired] of state.desired) {
    if (desired !== 'running' || placement.get(vm) || except.includes(vm)) continue
    const down = [...companions(vm, strict, state)].filter((one) => !placement.get(one))
    const concerned = strict.filter((rule) => rule.vms.some((one) => down.includes(one)))
    const host = available(state).find((candidate) => {
      const tried = new Map([...placement, ...down.map((one) => [one, candidate] as const)])
      return concerned.every((rule) => holds(rule, tried))
    })
    if (host) left.push(`${vm} on ${host}`)
  }
  return left
}

/** The VM and all that should run and have to be where it is. */
function companions(vm: string, rules: readonly ScenarioRule[], state: State): Set<string> {
  const group = new Set([vm])
  for (let before = 0; before !== group.size; ) {
    before = group.size
    for (const rule of rules) {
      if (rule.kind !== 'vm-vm' || rule.relation !== 'together') continue
      if (!rule.vms.some((one) => group.has(one))) continue
      for (const one of rule.vms) if (state.desired.get(one) === 'running') group.add(one)
    }
  }
  return group
}
