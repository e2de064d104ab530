import type { Model } from '../model/model'
import { type Unit, unitOf } from '../model/unit'

/** In `stuck`: everything there may be moved; something runs there that the model does not know. */
export const none = -1
export const unknown = -2

/**
 * By host: the units that may be moved from there, and a VM that cannot be, if there is one. VMs that rules keep together and
 * that are not all there now are for others to mend; what is on its way stays on its way.
 */
export function movableUnits(
  model: Model,
  stay: readonly number[] = [],
): { units: Unit[][]; stuck: Int32Array } {
  const pinned = new Set(stay)
  const units: Unit[][] = model.hosts.map(() => [])
  const stuck = new Int32Array(model.hosts.length).fill(none)
  const free = (vm: number, host: number) => {
    const { at, towards = -1 } = model.vms[vm]!
    return at === host && towards < 0 && !pinned.has(vm)
  }
  for (const [host, vms] of model.vmsOn.entries()) {
    if ((model.hosts[host]!.crowd ?? vms.length) > vms.length) stuck[host] = unknown
    for (const vm of vms) {
      const group = model.groupOf[vm]!
      const members = group < 0 ? [vm] : model.groups[group]!.filter((one) => model.vms[one]!.at >= 0)
      if (!members.every((one) => free(one, host))) stuck[host] = vm
      else if (members[0] === vm) units[host]!.push(unitOf(model, members))
    }
  }
  for (const [vm, { at, towards = -1 }] of model.vms.entries())
    if (towards >= 0 && towards !== at) stuck[towards] = vm
  return { units, stuck }
}

/** By item: its place when all are sorted by name. */
export function rankOf(names: readonly string[]): Int32Array {
  const rank = new Int32Array(names.length)
  const order = [...names.keys()].sort((a, b) =>
    names[a]! < names[b]! ? -1 : names[a]! > names[b]! ? 1 : a - b,
  )
  for (const [place, at] of order.entries()) rank[at] = place
  return rank
}
