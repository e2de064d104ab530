import { type ChangeEvent, type Host, type HostMode, isActive, type VmId } from '@drover/model'
import type { Flow, Scene } from '../../task/flow'
import type { Ending } from '../../task/step'
import { type StoppedShort, stoppedShort } from '../evacuate/empty'
import type { MovesMemo } from '../evacuate/memo'
import { modeChanged } from '../mode'

/** What a shutdown remembers. */
export interface ShutdownMemo extends MovesMemo {
  beforeReason?: string | null
  /** What ran there when it began. */
  guests?: VmId[]
  /** The order was given in this life of the host; answered with yes at that time. */
  bootId?: string | null
  wentAt?: number
  /** The whole task ends like this once the guests run again. */
  end?: Ending
  /** Since when the present step waits. */
  since?: number
}

export function shutdownMemo(scene: Scene<'host.shutdown'>): ShutdownMemo {
  return scene.task.memo as ShutdownMemo
}

/** The host's mode as it was before, and nobody waits for it any more. */
export function backToBefore(
  scene: Scene<'host.shutdown'>,
  host: Host,
  held: Host['held'] = null,
): ChangeEvent[] {
  const { before = 'normal', beforeReason = null } = shutdownMemo(scene)
  // Whoever ended its maintenance meanwhile is not overruled.
  const mode: HostMode = host.mode === 'entering' ? before : host.mode
  const modeReason = mode === 'normal' ? null : beforeReason
  const { initiator, id: taskId } = scene.task
  return modeChanged(host, mode, { initiator, taskId }, { modeReason, held })
}

/**
 * Ends without having shut the host down. It is in service again as before, and guests that were shut down for it are
 * started again first.
 */
export function endShort(scene: Scene<'host.shutdown'>, host: Host, short: StoppedShort): Flow {
  const outcome = stoppedShort(scene, short)
  const events = backToBefore(scene, host)
  const down = guestsDown(scene, host)
  if (host.state === 'connected' && down.length > 0) {
    const end = { state: short.state, outcome }
    const to = [{ name: 'start the guests' as const, hostId: host.id }]
    return { flow: 'turn', to, events, memo: { end, parts: [], failed: {}, since: scene.now } }
  }
  return { flow: 'finish', state: short.state, outcome, events }
}

/** Guests of before that live there, should run and do not. */
export function guestsDown(scene: Scene<'host.shutdown'>, host: Host) {
  return (shutdownMemo(scene).guests ?? [])
    .map((id) => scene.world.tables.vm.get(id))
    .filter((vm) => vm !== undefined)
    .filter((vm) => vm.hostId === host.id && vm.desired === 'running' && !isActive(vm))
}
