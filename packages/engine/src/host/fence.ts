import type { Flow, Scene } from '../task/flow'
import type { Ending } from '../task/step'

export function fenceStep(_scene: Scene<'host.fence'>): Flow {
  throw new Error('host.fence has no steps')
}

export function fenceOutcome(_scene: Scene<'host.fence'>): Ending {
  throw new Error('host.fence has no outcome')
}
