import { type Host, type Incident, setRow } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { House } from '../testing/house'
import { calmMs, calmUntil, stormAround, stormOf } from './storm'

/** A cluster of `total` hosts of which these fell silent at these times (ms before now). */
function cluster(total: number, silent: number[], state: 'suspect' | 'fenced' = 'suspect') {
  const house = new House()
  const one = house.host('host-1')
  for (let n = 1; n <= 3; n += 1) if (n > total) setRow(house.world, 'host', `host-${n}`, null)
  for (let n = 1; n <= total; n += 1) {
    const at = silent[n - 1]
    const id = `host-${n}` as const
    const stateSince = at === undefined ? one.stateSince : house.now - at
    setRow(house.world, 'host', id, {
      ...one,
      id,
      name: `esx-${n}`,
      state: at === undefined ? 'connected' : state,
      stateSince,
    })
  }
  const row = house.world.tables.cluster.get('cluster-1')!
  return { house, storm: () => stormOf(house.world, row) }
}

describe('a storm', () => {
  it.each([
    [2, [0], false],
    [2, [0, 0], true],
    [3, [0], false],
    [3, [0, 0], true],
    [3, [0, 0, 0], true],
    [4, [0, 0], false],
    [5, [0, 0], false],
    [5, [0, 0, 0], true],
    [1, [0], false],
  ])('of a cluster of %i with %j silent: %s', (total, silent, is) => {
    expect(cluster(total, silent).storm() !== null).toBe(is)
  })

  it('needs hosts that fell silent together: one that was lost long ago counts for itself', () => {
    const { house, storm } = cluster(3, [0, 600_000])
    expect(storm()).toBeNull()
    expect(stormAround(house.world, house.host('host-1'))).toBeNull()
  })

  it('does not count hosts that are proven dead', () => {
    expect(cluster(3, [0, 0], 'fenced').storm()).toBeNull()
  })

  it('leaves a while to those that fell silent in it and come back last', () => {
    const { house } = cluster(3, [20_000])
    const storm = { id: 'incident-9', clusterId: 'cluster-1', kind: 'storm', closedAt: house.now - 1_000 }
    const calm = (host: Host, now: number) => calmUntil(house.world, host, [storm as Incident], now)
    const until = house.now - 1_000 + calmMs
    const straggler = house.host('host-1')
    expect(calm(straggler, house.now)).toBe(until)
    expect(calm(straggler, until)).toBeNull()
    // One that falls silent after it has nothing to do with it.
    expect(calm({ ...straggler, stateSince: house.now }, house.now)).toBeNull()
  })
})
