import { assertNever, type Outcome, type Task } from '@drover/model'
import { changeOutcome, changeStep } from '../vm/change'
import { createOutcome, createStep } from '../vm/create'
import { deleteOutcome, deleteStep } from '../vm/delete'
import { migrateOutcome, migrateStep } from '../vm/migrate'
import { powerOutcome, powerStep } from '../vm/power'
import type { Flow, Scene } from './flow'

/** One move of one task: what its current step does next. */
export function stepTask(scene: Scene): Flow {
  const { kind } = scene.task
  switch (kind) {
    case 'vm.create':
      return createStep(scene as Scene<'vm.create'>)
    case 'vm.change':
      return changeStep(scene as Scene<'vm.change'>)
    case 'vm.delete':
      return deleteStep(scene as Scene<'vm.delete'>)
    case 'vm.migrate':
      return migrateStep(scene as Scene<'vm.migrate'>)
    case 'vm.start':
    case 'vm.shutdown':
    case 'vm.stop':
    case 'vm.reboot':
    case 'vm.reset':
    case 'vm.suspend':
    case 'vm.resume':
      return powerStep(scene)
    default:
      return assertNever(kind)
  }
}

/** How a task ends whose last step is done. */
export function outcomeOf(scene: Scene): {
  state: Task['state'] & ('succeeded' | 'failed' | 'cancelled')
  outcome: Outcome
} {
  const { kind } = scene.task
  switch (kind) {
    case 'vm.create':
      return createOutcome(scene as Scene<'vm.create'>)
    case 'vm.change':
      return changeOutcome(scene as Scene<'vm.change'>)
    case 'vm.delete':
      return deleteOutcome(scene as Scene<'vm.delete'>)
    case 'vm.migrate':
      return migrateOutcome(scene as Scene<'vm.migrate'>)
    case 'vm.start':
    case 'vm.shutdown':
    case 'vm.stop':
    case 'vm.reboot':
    case 'vm.reset':
    case 'vm.suspend':
    case 'vm.resume':
      return powerOutcome(scene)
    default:
      return assertNever(kind)
  }
}
