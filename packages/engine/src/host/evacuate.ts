import type { Flow, Scene } from '../task/flow'
import type { Ending } from '../task/step'

export function evacuateStep(_scene: Scene<'host.evacuate'>): Flow {
  throw new Error('host.evacuate has no steps')
}

export function evacuateOutcome(_scene: Scene<'host.evacuate'>): Ending {
  throw new Error('host.evacuate has no outcome')
}
