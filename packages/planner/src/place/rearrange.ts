import { Layout } from '../model/layout'
import type { Model } from '../model/model'
import { unitsOf } from '../model/unit'
import { defaultObjective } from './objective'
import { place } from './place'
import { search } from './search'

/**
 * The fewest moves after which these VMs (which run where they lean to, and are lifted off there) are all placed by strict
 * rules and hard resources. Null when there is no way, or none was found within the budget.
 */
export function rearrange(
  model: Model,
  vms: readonly number[],
  looks = 300_000,
): ReadonlyMap<number, number> | null {
  const quick = place(model, vms, { looks })
  const found = quick.unplaced.length === 0 ? quick.hosts : null
  const units = unitsOf(model, vms)
  if (units.length > 24) return found
  const moved = (layout: Layout) => [vms.filter((vm) => layout.at[vm] !== model.vms[vm]!.lean).length]
  const least = search(new Layout(model), units, {
    objective: defaultObjective,
    looks,
    goal: 'all',
    leaf: moved,
    ideal: [0],
  })
  if (!least.hosts) return found
  const hosts = new Map(units.flatMap((unit, i) => unit.vms.map((vm) => [vm, least.hosts![i]!] as const)))
  const count = (all: ReadonlyMap<number, number>) =>
    vms.filter((vm) => all.get(vm) !== model.vms[vm]!.lean).length
  return found && count(found) <= count(hosts) ? found : hosts
}
