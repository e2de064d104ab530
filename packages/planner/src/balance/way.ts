import type { Layout } from '../model/layout'
import type { Model } from '../model/model'
import { type Unit, unitOf } from '../model/unit'
import type { BalanceMove } from './balance'
import type { Loads, Score } from './goal'

/** A unit that may be moved. */
export interface Piece {
  unit: Unit
  /** Where it was when planning began. */
  home: number
  /** What moving it costs, in the unit of the goal's cost resource. */
  cost: number
}

const tiny = 1e-12

/** What may be moved, with what that costs. */
export function piecesOf({ model, goal }: Loads, movable: (vm: number) => boolean = () => true): Piece[] {
  const { costOf, costPerMove } = goal
  return unitsOfThose(model, movable).map((unit) => ({
    unit,
    home: model.vms[unit.vms[0]!]!.at,
    cost: Math.max(tiny, unit.size[costOf]! + costPerMove * unit.vms.length),
  }))
}

function unitsOfThose(model: Model, movable: (vm: number) => boolean): Unit[] {
  const units: Unit[] = []
  const accepts = (host: number) => host >= 0 && model.hosts[host]!.accepts
  const free = (vm: number) => {
    const { at, towards = -1 } = model.vms[vm]!
    return accepts(at) && towards < 0 && movable(vm)
  }
  for (const vm of model.vms.keys()) {
    const group = model.groupOf[vm]!
    if (group < 0) {
      if (free(vm)) units.push(unitOf(model, [vm]))
      continue
    }
    const members = model.groups[group]!.filter((one) => model.vms[one]!.at >= 0)
    if (members[0] !== vm) continue
    const { at } = model.vms[vm]!
    // A group that is torn apart already is for rules to mend, not for the balance.
    if (members.every((one) => free(one) && model.vms[one]!.at === at)) units.push(unitOf(model, members))
  }
  return units
}

/** Whether the unit fits there beside all that is there now, breaks no strict rule, and worsens no wish. */
export function mayGo(layout: Layout, unit: Unit, from: number, to: number): boolean {
  if (unit.hostCost && unit.hostCost[to]! > unit.hostCost[from]!) return false
  if (!layout.holds(unit, to)) return false
  if (unit.group < 0 && unit.wishes.length === 0) return layout.obeys(unit, to)
  layout.take(unit)
  const fits = layout.obeys(unit, to) && wishesBroken(layout, unit, to) <= wishesBroken(layout, unit, from)
  layout.put(unit, from)
  return fits
}

/** How many pairs and memberships of rules that should hold would not, were it there. */
export function wishesBroken(layout: Layout, unit: Unit, host: number): number {
  let broken = 0
  for (const { set } of unit.wishes) {
    const there = layout.setAt[set]!.get(host) ?? 0
    broken += layout.model.sets[set]!.relation === 'apart' ? there : layout.setPlaced[set]! - there
  }
  return broken
}

/** One unit from where it is to another host. */
export interface Leg {
  piece: Piece
  from: number
  to: number
}

/** The state while a plan is being made, and the moves that led there. */
export class Way {
  readonly moves: BalanceMove[] = []
  /** Where units have gone. */
  readonly targets = new Map<Piece, number>()
  #steps = 0

  constructor(
    readonly layout: Layout,
    readonly loads: Loads,
  ) {}

  /** Changes the state only. */
  go({ unit }: Piece, from: number, to: number): void {
    this.layout.take(unit)
    this.layout.put(unit, to)
    this.loads.move(unit.size, from, to)
  }

  /** Writes a step down whose legs have been gone. */
  note(legs: readonly Leg[], before: Score, after: Score): void {
    const { costOf, costPerMove } = this.loads.goal
    for (const { piece, from, to } of legs) {
      this.targets.set(piece, to)
      for (const vm of piece.unit.vms) {
        const cost = this.layout.model.vms[vm]!.size[costOf]! + costPerMove
        this.moves.push({ vm, from, to, step: this.#steps, before, after, cost })
      }
    }
    this.#steps += 1
  }
}
