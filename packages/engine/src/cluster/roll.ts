import type { Flow, Scene } from '../task/flow'
import type { Ending } from '../task/step'

export function rollStep(_scene: Scene<'cluster.roll'>): Flow {
  throw new Error('cluster.roll has no steps')
}

export function rollOutcome(_scene: Scene<'cluster.roll'>): Ending {
  throw new Error('cluster.roll has no outcome')
}
