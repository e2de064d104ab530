import type { Unit } from '../model/unit'
import type { Field } from './field'

const rounds = 6

/** Units that are moved anyway go where they add the least risk, all of them considered together. */
export function polish(field: Field, went: readonly { unit: Unit; to: number }[]): void {
  const { layout, goal } = field
  for (let round = 0; round < rounds; round += 1) {
    let better = false
    for (const one of went) {
      if (!field.mayGoOn()) return
      const { unit, to: from } = one
      const load = field.load(unit)
      const relief = field.risk(from) - field.risk(from, load, -1)
      let best = from
      let gain = 1e-9
      for (let to = 0; to < layout.accepts.length; to += 1) {
        if (!layout.accepts[to] || to === from) continue
        const more = relief + field.risk(to) - field.risk(to, load)
        if (more <= gain || field.calm(to, load) < goal.sleepCalm) continue
        if (field.overWith(to, load, 1) > 0 || !field.mayGo(unit, to)) continue
        best = to
        gain = more
      }
      if (best === from) continue
      field.go(unit, best)
      one.to = best
      better = true
    }
    if (!better) return
  }
}
