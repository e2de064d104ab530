import type { Flow, Scene } from '../task/flow'
import type { Ending } from '../task/step'

export function shutdownStep(_scene: Scene<'host.shutdown'>): Flow {
  throw new Error('host.shutdown has no steps')
}

export function shutdownOutcome(_scene: Scene<'host.shutdown'>): Ending {
  throw new Error('host.shutdown has no outcome')
}
