import type { Host, HostMode } from '@drover/model'
import type { Flow, Scene } from '../../task/flow'
import { Changes } from '../../world/changes'
import { type StoppedShort, stoppedShort } from '../evacuate/empty'
import type { MovesMemo } from '../evacuate/memo'
import { staysAwake } from '../standby'

/** What a sleep remembers between its moves. */
export interface SleepMemo extends MovesMemo {
  before?: HostMode
  beforeReason?: string | null
  /** The order to shut down was given in this life of the host, at this time. */
  bootId?: string | null
  since?: number
  /** Its agent could not do it: its device does, since then. */
  hardAt?: number
  /** Its device has been told. */
  switched?: boolean
  /** Which level of devices and which device of it is asked. */
  level?: number
  at?: number
  /** Since when every device says off. */
  saidOffAt?: number
}

export function sleepMemo(scene: Scene<'host.sleep'>): SleepMemo {
  return scene.task.memo as SleepMemo
}

/** Ends without having put the host to sleep: it is as it was before, and what was moved stays where it is. */
export function stayAwake(scene: Scene<'host.sleep'>, host: Host, short: StoppedShort): Flow {
  const { task, world, ctx } = scene
  const { before = 'normal', beforeReason = null } = sleepMemo(scene)
  const changes = new Changes(world, ctx, { initiator: task.initiator, taskId: task.id })
  // Whoever has changed its mode meanwhile is not overruled.
  if (host.mode === 'entering')
    staysAwake(changes, host.id, { mode: before, modeReason: beforeReason }, short.cause)
  return {
    flow: 'finish',
    state: short.state,
    outcome: stoppedShort(scene, short),
    events: changes.events,
  }
}
