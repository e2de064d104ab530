import type { Outcome, Task, TaskKind } from '@drover/model'
import { rollOutcome, rollStep } from '../cluster/roll'
import { cleanOutcome, cleanStep } from '../host/clean'
import { evacuateOutcome, evacuateStep } from '../host/evacuate'
import { exitOutcome, exitStep } from '../host/exitMaintenance'
import { fenceOutcome, fenceStep } from '../host/fence'
import { powerOnOutcome, powerOnStep } from '../host/powerOn'
import { shutdownOutcome, shutdownStep } from '../host/shutdown'
import { sleepOutcome, sleepStep } from '../host/sleep'
import { wakeOutcome, wakeStep } from '../host/wake'
import { changeOutcome, changeStep } from '../vm/change'
import { createOutcome, createStep } from '../vm/create'
import { deleteOutcome, deleteStep } from '../vm/delete'
import { migrateOutcome, migrateStep } from '../vm/migrate'
import { powerOutcome, powerStep } from '../vm/power'
import { restartOutcome, restartStep } from '../vm/restart'
import type { Flow, Scene } from './flow'

/** How a task ends. */
export interface Ending {
  state: Task['state'] & ('succeeded' | 'failed' | 'cancelled')
  outcome: Outcome
}

/** What a kind of task does at each of its steps, and how it ends once the last one is done. */
interface Verb<K extends TaskKind> {
  step(scene: Scene<K>): Flow
  outcome(scene: Scene<K>): Ending
}

const power: Verb<TaskKind> = { step: powerStep, outcome: powerOutcome }

const verbs: { [K in TaskKind]: Verb<K> } = {
  'vm.create': { step: createStep, outcome: createOutcome },
  'vm.change': { step: changeStep, outcome: changeOutcome },
  'vm.delete': { step: deleteStep, outcome: deleteOutcome },
  'vm.migrate': { step: migrateStep, outcome: migrateOutcome },
  'vm.start': power,
  'vm.shutdown': power,
  'vm.stop': power,
  'vm.reboot': power,
  'vm.reset': power,
  'vm.suspend': power,
  'vm.resume': power,
  'vm.restart': { step: restartStep, outcome: restartOutcome },
  'host.fence': { step: fenceStep, outcome: fenceOutcome },
  'host.clean': { step: cleanStep, outcome: cleanOutcome },
  'host.powerOn': { step: powerOnStep, outcome: powerOnOutcome },
  'host.evacuate': { step: evacuateStep, outcome: evacuateOutcome },
  'host.exitMaintenance': { step: exitStep, outcome: exitOutcome },
  'host.shutdown': { step: shutdownStep, outcome: shutdownOutcome },
  'host.sleep': { step: sleepStep, outcome: sleepOutcome },
  'host.wake': { step: wakeStep, outcome: wakeOutcome },
  'cluster.roll': { step: rollStep, outcome: rollOutcome },
}

/** One move of one task: what its current step does next. */
export function stepTask(scene: Scene): Flow {
  return verbOf(scene).step(scene)
}

/** How a task ends whose last step is done. */
export function outcomeOf(scene: Scene): Ending {
  return verbOf(scene).outcome(scene)
}

/** The table pairs each kind with its own verb, which the type system cannot follow through a look-up. */
function verbOf(scene: Scene): Verb<TaskKind> {
  return verbs[scene.task.kind] as Verb<TaskKind>
}
