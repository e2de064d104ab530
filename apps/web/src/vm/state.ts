import { type Host, powerWords, type Task, type TaskKind, type Vm, type VmPower } from '@drover/model'
import type { Tone } from '../ui/state'

const tones: Record<VmPower, Tone> = {
  running: 'ok',
  off: 'off',
  paused: 'standby',
  crashed: 'error',
  missing: 'error',
}

/** What is being done to a VM, as its state says it. */
export const doing: Record<TaskKind, string> = {
  'vm.create': 'being created',
  'vm.change': 'being changed',
  'vm.delete': 'being deleted',
  'vm.start': 'powering on',
  'vm.shutdown': 'shutting down',
  'vm.stop': 'stopping',
  'vm.reboot': 'rebooting',
  'vm.reset': 'being reset',
  'vm.suspend': 'suspending',
  'vm.resume': 'resuming',
  'vm.migrate': 'migrating',
  'vm.restart': 'being restarted',
  'host.fence': 'being fenced',
  'host.powerOn': 'powering on',
  'host.evacuate': 'being evacuated',
  'host.exitMaintenance': 'leaving maintenance',
  'host.shutdown': 'shutting down',
  'cluster.roll': 'in rolling maintenance',
}

export interface Shown {
  tone: Tone
  word: string
}

/** How a VM stands: the work under way on it first, then what is known of its power. */
export function vmState(vm: Vm, task: Task | undefined, host: Host | undefined, asked?: TaskKind): Shown {
  if (task?.state === 'queued') return { tone: 'working', word: `waiting to ${verbOf(task.kind)}` }
  if (task) return { tone: 'working', word: doing[task.kind] }
  if (asked) return { tone: 'working', word: `${doing[asked]}, asked just now` }
  if (host?.state === 'suspect') return { tone: 'warning', word: `was ${powerWords[vm.power]}, host silent` }
  return { tone: tones[vm.power], word: powerWords[vm.power] }
}

function verbOf(kind: TaskKind): string {
  return kind === 'vm.migrate' ? 'migrate' : kind.slice(3)
}
