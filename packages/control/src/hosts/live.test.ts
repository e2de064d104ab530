import { emptyWorld, type HostId } from '@drover/model'
import { expect, it } from 'vitest'
import { countAfresh, liveOf, noteHeartbeat } from './live'

const heartbeat = { n: 1, usage: null, vms: {}, storage: [], peers: [] }

it('what a fence device said in one silence is forgotten before the next', () => {
  const live = liveOf(emptyWorld(), 'host-1', 1_000)
  live.power = { state: 'off', at: 5_000, askedAt: 4_900, offSince: 4_900, text: 'bmc says off' }
  noteHeartbeat(live, heartbeat, 2_000)
  expect(live.power).toBeNull()
})

it('a clock that is set back makes nobody heard of in the future, nor what they said', () => {
  const world = emptyWorld()
  const live = liveOf(world, 'host-1', 500_000)
  const beat = { bootId: 'b', n: 1, changedAt: 499_000, alone: false, running: [] }
  live.storage.set('uuid', {
    ok: true,
    at: 500_000,
    readAt: 500_000,
    lostAt: null,
    beats: new Map([['host-2' as HostId, beat]]),
  })
  live.reaches.set('host-2', { ok: true, at: 500_000 })
  countAfresh(world, 100_000, 10_000)
  expect(live.heardAt).toBe(110_000)
  expect(live.storage.get('uuid')).toMatchObject({ at: 100_000, readAt: 100_000 })
  expect(beat.changedAt).toBe(100_000)
  expect(live.reaches.get('host-2')).toMatchObject({ at: 100_000 })
})
