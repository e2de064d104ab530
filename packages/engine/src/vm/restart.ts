import type { Flow, Scene } from '../task/flow'
import type { Ending } from '../task/step'

export function restartStep(_scene: Scene<'vm.restart'>): Flow {
  throw new Error('vm.restart has no steps')
}

export function restartOutcome(_scene: Scene<'vm.restart'>): Ending {
  throw new Error('vm.restart has no outcome')
}
