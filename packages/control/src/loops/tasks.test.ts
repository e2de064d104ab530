import { emptyWorld, setRow, type Task } from '@drover/model'
import { expect, it } from 'vitest'
import type { Clock } from '../ports'
import type { Writer } from '../writer/writer'
import { TaskLoop } from './tasks'

it('does not ask again and again for a move that the database cannot take now', async () => {
  const world = emptyWorld()
  const task = {
    id: 'task-1',
    state: 'running',
    command: null,
    hostIds: [],
    vmId: null,
    wakeAt: 5,
    waiting: null,
  }
  setRow(world, 'task', 'task-1', task as unknown as Task)
  const delays: number[] = []
  const clock: Clock = {
    now: () => 10,
    setTimer: (ms) => {
      delays.push(ms)
      return () => {}
    },
  }
  let proposals = 0
  const writer = {
    propose: async () => {
      proposals++
      return { ok: false, refusals: [{ code: 'database_away', sinceAt: 1 }] }
    },
  } as unknown as Writer
  new TaskLoop(world, writer, clock)
  await new Promise((resolve) => setImmediate(resolve))
  expect(proposals).toBe(1)
  expect(Math.min(...delays)).toBeGreaterThan(1_000)
})
