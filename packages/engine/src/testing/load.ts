import type { Initiator } from '@drover/model'
import { judgeLoad } from '@drover/planner'
import { decideCarryOn } from '../load/carry'
import { decideVerdict, type Judged, loadQuestion, looksAfterLoad } from '../load/decide'
import type { House } from './house'

const drover: Initiator = { kind: 'drover' }

/** Looks at the load of every cluster once, as the loop of control does. */
export function lookAtLoad(house: House): Judged[] {
  const judged: Judged[] = []
  for (const cluster of [...house.world.tables.cluster.values()]) {
    if (!looksAfterLoad(house.world, cluster)) continue
    const question = loadQuestion(house.world, cluster, house.now)
    if (!question) continue
    const { picture, rules, memory, watchOnly } = question
    const verdict = judgeLoad(picture, rules, memory, { watchOnly })
    judged.push({ ...question, verdict })
    house.decide((world, ctx) => decideVerdict(world, { ...question, verdict }, ctx), drover)
  }
  return judged
}

/** Carries on with what was decided until nothing of it is left to be done now. */
export function carryOut(house: House, most = 50): void {
  for (let i = 0; i < most; i += 1) {
    const before = house.events.length
    house.decide(decideCarryOn, drover)
    house.run()
    if (house.events.length === before) return
  }
}
