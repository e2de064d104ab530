import { Layout } from '../model/layout'
import type { Model } from '../model/model'
import { unitsOf } from '../model/unit'
import { defaultObjective } from '../place/objective'
import { place } from '../place/place'
import { search } from '../place/search'
import { modelOfQuestion, type PlanAnswer, type PlanQuestion, questionLooks } from './format'

/**
 * Where the VMs of one host go. As many as can, by strict rules and memory; then no group that should be apart on a single
 * host; then each such group as evenly over the hosts as can be; then an even load. Nothing else is moved.
 */
export function answerEvacuate(question: Extract<PlanQuestion, { kind: 'evacuate' }>): PlanAnswer {
  const { id, cluster, ask } = question
  if (!cluster.hosts.some((host) => host.id === ask.host))
    throw new Error(`The host to be emptied, "${ask.host}", is not in the cluster. Correct its name.`)
  const leaving = cluster.vms.filter((vm) => vm.host === ask.host)
  const placing = new Set(leaving.map((vm) => vm.id))
  const model = modelOfQuestion(cluster, { placing, closed: new Set([ask.host]) })
  const vms = [...model.vms.keys()].filter((vm) => placing.has(model.vms[vm]!.name))
  const source = model.hosts.findIndex(({ name }) => name === ask.host)
  const { hosts, certain } = placeAll(model, vms, source)
  const moves = vms.flatMap((vm) => {
    const host = hosts.get(vm) ?? -1
    return host < 0 ? [] : [{ vm: model.vms[vm]!.name, target: model.hosts[host]!.name }]
  })
  return { format: 'vmha-answer/1', id, certain, complete: moves.length === vms.length, moves }
}

function placeAll(
  model: Model,
  vms: readonly number[],
  source: number,
): { hosts: ReadonlyMap<number, number>; certain: boolean } {
  const quick = place(model, vms, { looks: questionLooks })
  const units = unitsOf(model, vms)
  const options = { objective: defaultObjective, looks: questionLooks, leaf: spreadOf, ideal: idealOf(model) }
  let found = search(new Layout(model), units, { ...options, goal: 'most' })
  // What has to stay should at least fit where it is.
  const { used, capacity } = model.hosts[source]!
  const excess = (layout: Layout) =>
    Math.max(
      0,
      vms.reduce((rest, vm) => rest - (layout.at[vm]! >= 0 ? model.vms[vm]!.size[0]! : 0), used[0]!) -
        capacity[0]!,
    )
  if (found.hosts?.includes(-1) && used[0]! > capacity[0]!)
    found = search(new Layout(model), units, { ...options, goal: 'most', first: excess })
  const hosts = new Map(
    units.flatMap((unit, i) => unit.vms.map((vm) => [vm, found.hosts?.[i] ?? -1] as const)),
  )
  const count = (all: ReadonlyMap<number, number>) => [...all.values()].filter((host) => host >= 0).length
  return found.exhaustive || count(hosts) >= count(quick.hosts)
    ? { hosts, certain: found.exhaustive }
    : { hosts: quick.hosts, certain: false }
}

/** Groups that should be apart and are on a single host; and the unevenness of all, as most minus fewest on a host. */
function spreadOf(layout: Layout): number[] {
  const { model } = layout
  let single = 0
  let range = 0
  for (const [set, { relation }] of model.sets.entries()) {
    if (relation !== 'apart') continue
    const at = layout.setAt[set]!
    if (at.size === 1 && layout.setPlaced[set]! > 1) single += 1
    let most = 0
    let fewest = Number.POSITIVE_INFINITY
    for (let host = 0; host < layout.accepts.length; host += 1) {
      if (!layout.accepts[host]) continue
      const there = at.get(host) ?? 0
      most = Math.max(most, there)
      fewest = Math.min(fewest, there)
    }
    range += most - Math.min(most, fewest)
  }
  return [single, range]
}

/** The least that `spreadOf` can come to: as even as numbers allow. */
function idealOf(model: Model): number[] {
  const hosts = model.hosts.filter(({ accepts }) => accepts).length
  const range = model.sets.reduce(
    (sum, { relation, members }) =>
      sum + (relation === 'apart' && hosts > 0 && members.length % hosts !== 0 ? 1 : 0),
    0,
  )
  return [0, range]
}
