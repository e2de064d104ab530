import { assertNever } from '../state'
import type { Initiator, Task, TaskKind, TaskState } from '../task/task'
import type { Outcome, Waiting } from '../task/words'
import type { MigrationMethod } from '../vm/spec'
import { sayDuration, sayList, sayRate } from './quantity'

/** The verb of each kind of task, as a button or a history line has it. */
export const taskVerbs: Record<TaskKind, string> = {
  'vm.create': 'create',
  'vm.change': 'change',
  'vm.delete': 'delete',
  'vm.start': 'power on',
  'vm.shutdown': 'shut down',
  'vm.stop': 'stop hard',
  'vm.reboot': 'reboot',
  'vm.reset': 'reset',
  'vm.suspend': 'suspend',
  'vm.resume': 'resume',
  'vm.migrate': 'migrate',
  'vm.restart': 'restart',
  'host.fence': 'fence',
  'host.clean': 'clean up',
  'host.powerOn': 'power on',
  'host.evacuate': 'evacuate',
  'host.exitMaintenance': 'end the maintenance of',
  'host.shutdown': 'shut down',
  'host.sleep': 'put to sleep',
  'host.wake': 'wake',
  'cluster.roll': 'roll through',
}

/** Each state as a person says it of a task. */
export const taskStateWords: Record<TaskState, string> = {
  queued: 'waiting',
  running: 'running',
  cancelling: 'being cancelled',
  succeeded: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
}

/** The ways to migrate, in words. */
export const methodWords: Record<MigrationMethod, string> = {
  live: 'live',
  'live-with-disks': 'live, with its disks',
  cold: 'cold',
}

/** `migrate web-17`: what a task does, without its hosts. */
export function sayTask(
  task: Pick<Task, 'kind' | 'vmName' | 'host'> & Partial<Pick<Task, 'params'>>,
): string {
  if (task.kind === 'host.sleep' && task.params && 'test' in task.params && task.params.test)
    return `prove that ${task.host?.name} wakes`
  return `${taskVerbs[task.kind]} ${task.host?.name ?? task.vmName}`
}

/** Who asked: a name, `Drover`, or somebody past Drover. */
export function sayInitiator(initiator: Initiator): string {
  switch (initiator.kind) {
    case 'user':
      return initiator.name
    case 'drover':
      return 'Drover'
    case 'outside':
      return 'outside Drover'
    default:
      return assertNever(initiator)
  }
}

function behind(ahead: string[]): string {
  return ahead.length === 0 ? '' : `, behind ${sayList(ahead)}`
}

/** What a task waits for, as a sentence. `now` (ms) for what is left of a deadline. */
export function sayWaiting(waiting: Waiting, now: number): string {
  switch (waiting.code) {
    case 'host_slot':
      return `Waits for one of the ${waiting.limit} migrations at ${waiting.host.name} to end${behind(waiting.ahead)}.`
    case 'network_slot':
      return `Waits for one of the ${waiting.limit} migrations over ${waiting.network.name} to end${behind(waiting.ahead)}.`
    case 'datastore_slot':
      return `Waits for one of the ${waiting.limit} migrations on ${waiting.datastore.name} to end${behind(waiting.ahead)}.`
    case 'host_answer':
      return `Waits for ${waiting.host.name} to answer.`
    case 'guest_shutdown':
      return `Waits for the guest of ${waiting.vm.name} to shut down, ${sayDuration(Math.max(0, waiting.deadlineAt - now))} left.`
    case 'fence_device':
      return `Waits for ${waiting.device.name} to switch ${waiting.host.name} off${waiting.tries > 1 ? `, attempt ${waiting.tries}` : ''}.`
    case 'proof':
      return `Nothing proves yet that ${waiting.host.name} is off: ${withStop(waiting.why)} ${waiting.selfFenceAt === null ? 'Confirm that it is off once you have seen it.' : `It stops its VMs by itself within ${sayDuration(Math.max(0, waiting.selfFenceAt - now))}; or confirm that it is off once you have seen it.`}`
    case 'agent_back':
      return `Waits for the agent of ${waiting.host.name} to report.${waiting.unsure ? ` It may not have been switched on: ${withStop(waiting.unsure)}` : ''}`
    case 'host_wakes':
      return `Waits for ${waiting.host.name} to wake.`
    case 'parts':
      return `${waiting.of - waiting.left} of ${waiting.of} done; under way: ${sayList(waiting.names.slice(0, 5))}${waiting.names.length > 5 ? ', …' : ''}.`
    case 'capacity':
      return `${waiting.vm.name} waits: ${withStop(waiting.why)}`
    case 'attention':
      return `${withStop(waiting.what)} ${withStop(waiting.remedy)}`
    default:
      return assertNever(waiting)
  }
}

const hostReadyWords = {
  maintenance: 'in maintenance',
  normal: 'in service',
  off: 'off',
  rebooted: 'rebooted and in service',
  empty: 'empty',
  asleep: 'asleep',
  proven: 'awake again: it can be woken',
} as const

const powerWords = { running: 'running', off: 'off', paused: 'suspended' } as const

/** How a task ended, as a sentence. */
export function sayOutcome(outcome: Outcome): string {
  switch (outcome.code) {
    case 'created':
      return `${outcome.vm.name} was created on ${outcome.host.name}.`
    case 'changed':
      return `${outcome.vm.name} was changed.`
    case 'deleted':
      return outcome.disks === 0
        ? `${outcome.vm.name} was deleted; it had no disks.`
        : `${outcome.vm.name} was deleted with its ${outcome.disks === 1 ? 'disk' : `${outcome.disks} disks`}.`
    case 'power_is':
      return `${outcome.vm.name} is ${powerWords[outcome.power]} on ${outcome.host.name}.`
    case 'rebooted':
      return `${outcome.vm.name} rebooted on ${outcome.host.name}.`
    case 'migrated': {
      const rate =
        outcome.bytes !== null && outcome.totalMs > 0
          ? `, ${sayRate((outcome.bytes * 1000) / outcome.totalMs)}`
          : ''
      const downtime = outcome.downtimeMs === null ? '' : `, ${sayDuration(outcome.downtimeMs)} standstill`
      return `${outcome.vm.name} moved ${methodWords[outcome.method]} from ${outcome.source.name} to ${outcome.target.name} in ${sayDuration(outcome.totalMs)}${downtime}${rate}.`
    }
    case 'still_at_source':
      return `${outcome.vm.name} stayed on ${outcome.source.name}: ${withStop(outcome.cause)}`
    case 'shutdown_ignored':
      return `The guest of ${outcome.vm.name} did not shut down within ${sayDuration(outcome.waitedMs)}; it runs on. Stop it hard if it must be off.`
    case 'cancelled':
      return outcome.where
        ? `Cancelled; ${outcome.vm.name} is on ${outcome.where.name}.`
        : `Cancelled; nothing of ${outcome.vm.name} is left.`
    case 'too_late_to_cancel':
      return `It was too late to cancel: ${outcome.vm.name} is on ${outcome.target.name}.`
    case 'command_failed':
      return `${outcome.host.name} could not ${outcome.what} ${outcome.vm.name}: ${withStop(outcome.cause)}${outcome.remedy ? ` ${outcome.remedy}` : ''}`
    case 'given_up':
      return `${outcome.by} gave it up: ${outcome.host.name} had been silent for ${sayDuration(outcome.silentMs)}. What is true of ${outcome.vm.name} there is asked when it is back.`
    case 'restarted':
      return `${outcome.vm.name}, lost on ${outcome.source.name}, runs on ${outcome.target.name} again, started within ${sayDuration(outcome.totalMs)}.`
    case 'cleaned':
      return `${outcome.host.name} is clean: ${outcome.vms === 1 ? '1 old definition was' : `${outcome.vms} old definitions were`} removed.`
    case 'fenced':
      return `${outcome.host.name} is off: ${withStop(outcome.how)} That took ${sayDuration(outcome.totalMs)}.`
    case 'not_fenced':
      return `${outcome.host.name} was not fenced: ${withStop(outcome.cause)}`
    case 'powered_on':
      return `${outcome.host.name} is on and its agent reports, after ${sayDuration(outcome.totalMs)}.`
    case 'not_woken':
      return `${outcome.host.name} could not be woken: ${withStop(outcome.cause)} Look at its console, then wake it again.`
    case 'host_ready':
      return `${outcome.host.name} is ${hostReadyWords[outcome.mode]}${outcome.moved > 0 ? `, ${outcome.moved === 1 ? '1 VM' : `${outcome.moved} VMs`} moved` : ''}, after ${sayDuration(outcome.totalMs)}.`
    case 'host_stopped_short':
      return `Stopped at ${outcome.host.name}: ${withStop(outcome.cause)} ${withStop(outcome.remedy)}`
    case 'rolled':
      return `All ${outcome.hosts} hosts of ${outcome.cluster.name} had their turn, in ${sayDuration(outcome.totalMs)}.`
    case 'roll_stopped':
      return `Stopped at ${outcome.at.name} after ${outcome.done} of ${outcome.of} hosts of ${outcome.cluster.name}: ${withStop(outcome.cause)}`
    case 'gone':
      return `${outcome.vm.name} no longer exists.`
    case 'refused':
      return withStop(outcome.sentence)
    default:
      return assertNever(outcome)
  }
}

function withStop(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
