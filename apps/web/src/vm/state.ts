import {
  type Host,
  type HostState,
  powerWords,
  type Recovery,
  type Task,
  type TaskKind,
  type Vm,
  type VmPower,
} from '@drover/model'
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
  'host.clean': 'being cleaned up',
  'host.powerOn': 'powering on',
  'host.evacuate': 'being evacuated',
  'host.exitMaintenance': 'leaving maintenance',
  'host.shutdown': 'shutting down',
  'host.sleep': 'going to sleep',
  'host.wake': 'being woken',
  'cluster.roll': 'in rolling maintenance',
}

export interface Shown {
  tone: Tone
  word: string
}

const recoveries: Record<Recovery['state'], Shown> = {
  waiting: { tone: 'warning', word: 'waits for a restart' },
  starting: { tone: 'working', word: 'being restarted' },
  error: { tone: 'error', word: 'not restarted' },
}

/** What a VM's last known power is worth while its host stands so; null: it is the truth. */
const hosts: Record<HostState, ((power: string) => Shown) | null> = {
  connecting: null,
  connected: null,
  suspect: (power) => ({ tone: 'warning', word: `was ${power}, host silent` }),
  unwatched: (power) => ({ tone: 'warning', word: `${power}, agent stopped` }),
  isolated: (power) => ({ tone: 'warning', word: `${power}, host isolated` }),
  fencing: (power) => ({ tone: 'warning', word: `was ${power}, host being fenced` }),
  fenced: (power) => ({ tone: 'off', word: power === 'running' ? 'down with its host' : 'off, host fenced' }),
}

/** How a VM stands: the work under way on it first, then what is known of its power. */
export function vmState(vm: Vm, task: Task | undefined, host: Host | undefined, asked?: TaskKind): Shown {
  if (task?.state === 'queued') return { tone: 'working', word: `waiting to ${verbOf(task.kind)}` }
  if (task) return { tone: 'working', word: doing[task.kind] }
  if (asked) return { tone: 'working', word: `${doing[asked]}, asked just now` }
  if (vm.recovery && recoveries[vm.recovery.state]) return recoveries[vm.recovery.state]
  const unsure = host && hosts[host.state]
  if (unsure) return unsure(powerWords[vm.power])
  return { tone: tones[vm.power], word: powerWords[vm.power] }
}

function verbOf(kind: TaskKind): string {
  return kind === 'vm.migrate' ? 'migrate' : kind.slice(3)
}
