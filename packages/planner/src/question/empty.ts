import type { Layout, Reason } from '../model/layout'
import { buildModel, type Model } from '../model/model'
import { unitOf } from '../model/unit'
import { place } from '../place/place'

/** Where one VM goes, and the first reason why not, for every other host. */
export interface Destination {
  vm: number
  from: number
  /** -1: nowhere. */
  to: number
  against: { host: number; reason: Reason | { code: 'other' } }[]
}

export interface Emptied {
  destinations: Destination[]
  /** Whether it is certain that those without a place have none beside the others. */
  certain: boolean
}

export interface EmptyHostsOptions {
  /** The hosts have failed, so only what is protected is started elsewhere, and what they held is gone. */
  lost?: boolean
  /** Asked now and then: false stops with what is found so far. */
  mayGoOn?: () => boolean
}

/**
 * Where everything goes that runs on these hosts, so that they are empty: as many as can, by strict rules and hard
 * resources, the first ranks first; then an even load. Nothing else is moved.
 */
export function emptyHosts(
  model: Model,
  hosts: readonly number[],
  { lost = false, mayGoOn }: EmptyHostsOptions = {},
): Emptied {
  const leaving = new Set(hosts)
  const vms = [...model.vms.keys()].filter((vm) => {
    const { at, protected: kept } = model.vms[vm]!
    return leaving.has(at) && (kept || !lost)
  })
  const asked = lost ? model : lifted(model, leaving, new Set(vms))
  const {
    hosts: found,
    exhaustive,
    layout,
  } = place(asked, vms, {
    ...(lost ? { down: leaving } : {}),
    ...(mayGoOn ? { mayGoOn } : {}),
  })
  const destinations = vms.map((vm): Destination => {
    const { at: from } = model.vms[vm]!
    const to = found.get(vm) ?? -1
    return { vm, from, to, against: against(layout, vm, from, to) }
  })
  return { destinations, certain: exhaustive }
}

/** The model in which these VMs have still to be placed, and these hosts take none. */
function lifted(model: Model, closed: ReadonlySet<number>, vms: ReadonlySet<number>): Model {
  const { resources, rules } = model
  return buildModel({
    resources,
    rules,
    hosts: model.hosts.map((host, i) => (closed.has(i) ? { ...host, accepts: false } : host)),
    vms: model.vms.map((vm, i) => (vms.has(i) ? { ...vm, at: -1, towards: -1 } : vm)),
  })
}

function against(layout: Layout, vm: number, from: number, to: number): Destination['against'] {
  const unit = unitOf(layout.model, [vm])
  if (to >= 0) layout.take(unit)
  const found: Destination['against'] = []
  for (let host = 0; host < layout.accepts.length; host += 1)
    if (host !== from && host !== to)
      found.push({ host, reason: layout.whyNot(unit, host)[0] ?? { code: 'other' } })
  if (to >= 0) layout.put(unit, to)
  return found
}
