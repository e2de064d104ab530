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
export function sayTask(task: Pick<Task, 'kind' | 'vmName'>): string {
  return `${taskVerbs[task.kind]} ${task.vmName}`
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
    default:
      return assertNever(waiting)
  }
}

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
