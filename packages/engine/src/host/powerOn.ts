import type { Flow, Scene } from '../task/flow'
import type { Ending } from '../task/step'

export function powerOnStep(_scene: Scene<'host.powerOn'>): Flow {
  throw new Error('host.powerOn has no steps')
}

export function powerOnOutcome(_scene: Scene<'host.powerOn'>): Ending {
  throw new Error('host.powerOn has no outcome')
}
