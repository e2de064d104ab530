import { Layout } from '../model/layout'
import type { Model } from '../model/model'
import { type Unit, unitsOf } from '../model/unit'
import { greedy } from '../place/greedy'
import { defaultObjective } from '../place/objective'
import { Repair } from '../place/repair'
import { search } from '../place/search'

export interface Survival {
  /** Every protected VM of the failed hosts has a place. What could not be found within the budget counts as no. */
  ok: boolean
  /** It is certain; only a `no` may be uncertain. */
  certain: boolean
  /** Protected VMs of the failed hosts for which no place was found. */
  down: number[]
  /** What it took beyond the first look. */
  looks: number
}

export interface SurviveOptions {
  /** Looks at a host for a VM beyond the first for each, at most: what bounds the time. */
  looks?: number
  /** By host: the protected VMs there; where many questions are asked of one model. */
  onHost?: readonly (readonly number[])[]
}

/** Only the room on hosts matters, not how evenly it is used. */
const anywhere = { ...defaultObjective, lean: 0, wish: 0 }

/** By host: the protected VMs that run there. */
export function protectedOn(model: Model): number[][] {
  const on: number[][] = model.hosts.map(() => [])
  for (const [vm, { at, protected: kept }] of model.vms.entries()) if (kept && at >= 0) on[at]!.push(vm)
  return on
}

/**
 * May these hosts fail at once: is there a place for each protected VM that they run, next to what runs elsewhere, by
 * strict rules and hard resources, nothing else being moved?
 */
export function survives(model: Model, failed: readonly number[], options: SurviveOptions = {}): Survival {
  const onHost = options.onHost ?? protectedOn(model)
  const vms = failed.flatMap((host) => onHost[host]!)
  if (vms.length === 0) return { ok: true, certain: true, down: [], looks: 0 }
  const layout = new Layout(model, new Set(failed))
  const units = unitsOf(model, vms)
  const looks = options.looks ?? 500_000
  const left = packed(layout, units, looks)
  if (left.length === 0) return { ok: true, certain: true, down: [], looks: 0 }
  const down = left.flatMap((unit) => unit.vms)
  const empty = new Layout(model, new Set(failed))
  if (units.some((unit) => !anyHost(empty, unit))) return { ok: false, certain: true, down, looks: 0 }
  const found = search(empty, units, { objective: anywhere, looks, goal: 'all' })
  if (found.hosts) return { ok: true, certain: true, down: [], looks: found.looks }
  return { ok: false, certain: found.exhaustive, down, looks: found.looks }
}

/** The largest first, each where there is most room; what is left over by chains of moves among them. */
function packed(layout: Layout, units: readonly Unit[], looks: number): Unit[] {
  const left = greedy(layout, anywhere, units)
  if (left.length === 0) return left
  const placed = units.filter((unit) => layout.hostOf(unit) >= 0)
  const repair = new Repair(layout, anywhere, placed, Math.min(looks, 100_000))
  return left.filter((unit) => !repair.place(unit))
}

function anyHost(layout: Layout, unit: Unit): boolean {
  for (let host = 0; host < layout.accepts.length; host += 1) if (layout.fits(unit, host)) return true
  return false
}
