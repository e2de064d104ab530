import type { Flow, Scene } from '../task/flow'
import type { Ending } from '../task/step'

export function exitStep(_scene: Scene<'host.exitMaintenance'>): Flow {
  throw new Error('host.exitMaintenance has no steps')
}

export function exitOutcome(_scene: Scene<'host.exitMaintenance'>): Ending {
  throw new Error('host.exitMaintenance has no outcome')
}
