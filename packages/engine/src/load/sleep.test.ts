import type { Initiator, LoadDecision } from '@drover/model'
import { describe, expect, it } from 'vitest'
import type { Boards } from '../testing/bmc'
import type { House } from '../testing/house'
import { idleHouse, lookAtLoad, reportLoad } from '../testing/load'
import { openTasks } from '../world/find'
import { decideApply } from './answer'
import { decideCarryOn } from './carry'

const minute = 60_000
const drover: Initiator = { kind: 'drover' }

function pass(house: House, boards: Boards, wishes: Record<string, number>, ms: number): void {
  for (const until = house.now + ms; house.now < until; house.now += 20_000) {
    for (const [id, live] of house.world.live)
      if (house.host(id).state === 'connected') live.heardAt = house.now
    reportLoad(house, wishes)
    lookAtLoad(house)
    for (let i = 0; i < 5; i += 1) {
      house.decide(decideCarryOn, drover)
      const [task] = openTasks(house.world).filter(({ parentId }) => !parentId)
      if (!task) break
      boards.run(task.id)
      reportLoad(house, wishes)
    }
  }
}

const decisions = (house: House): LoadDecision[] => [...house.world.tables.decision.values()]
const asleep = (house: House) =>
  [...house.world.tables.host.values()].filter(({ mode }) => mode === 'standby')

describe('a host that nobody needs', () => {
  it('is emptied and put to sleep by one decision, and woken by another when load returns', () => {
    const { house, wishes, boards } = idleHouse()
    pass(house, boards, wishes, 5 * minute)
    const [decision] = decisions(house)
    expect(decision).toMatchObject({ by: { id: 'power' }, automatic: true, state: 'done' })
    expect(decision!.power).toMatchObject([{ act: 'sleep', state: 'done' }])
    expect(decision!.moves.every(({ state }) => state === 'done')).toBe(true)
    expect(asleep(house).map(({ id }) => id)).toEqual([decision!.power[0]!.host.id])
    expect(asleep(house)[0]!.standby).toMatchObject({ decisionId: decision!.id, byHand: false })
    expect(house.killed).toEqual([])
    for (const name of Object.keys(wishes)) wishes[name] = 3.5
    pass(house, boards, wishes, 5 * minute)
    expect(asleep(house)).toEqual([])
    const woken = decisions(house).find(({ power }) => power.some(({ act }) => act === 'wake'))
    expect(woken).toMatchObject({ state: 'done', automatic: true })
  })

  it('is recommended for sleep where that is wanted, and sleeps when somebody says so', () => {
    const { house, wishes, boards } = idleHouse({ mode: 'manual' })
    pass(house, boards, wishes, 5 * minute)
    expect(asleep(house)).toEqual([])
    const [decision] = decisions(house)
    expect(decision).toMatchObject({ state: 'open', automatic: false })
    expect(house.decide((w, c) => decideApply(w, { decisionId: decision!.id, moves: [0] }, c)).ok).toBe(
      decision!.power.length === 0,
    )
    house.accepted((w, c) => decideApply(w, { decisionId: decision!.id }, c))
    pass(house, boards, wishes, minute)
    expect(asleep(house)).toHaveLength(1)
    expect(house.world.tables.decision.get(decision!.id)).toMatchObject({ state: 'done', person: 'ada' })
  })
})
