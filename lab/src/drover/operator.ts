import type { ApiClient } from '@drover/harness/client'
import type { Event, Host, Snapshot, Task, Vm } from '@drover/model'
import { isOpen, sayOutcome } from '@drover/model'
import { until } from '../run'

/** What somebody at a terminal does: orders, waits, looks. Everything goes through the API. */
export class Operator {
  constructor(readonly api: ApiClient) {}

  /** Gives the order; the id of the task that it became. Throws the sentence of a refusal. */
  async order(procedure: string, input: object): Promise<string> {
    const { taskId } = await this.api.mutate<{ taskId: string }>(procedure, input)
    return taskId
  }

  /** Gives the order and waits for its end, good or bad. */
  async do(procedure: string, input: object, timeoutMs = 60_000): Promise<Task> {
    return this.ended(await this.order(procedure, input), timeoutMs)
  }

  /** Asks again while control cannot be reached: it may be dead for the moment. */
  ended(taskId: string, timeoutMs = 60_000): Promise<Task> {
    return until(`${taskId} ends`, timeoutMs, async () => {
      const task = await this.task(taskId).catch(() => undefined)
      return task && !isOpen(task) && task
    })
  }

  async task(taskId: string): Promise<Task> {
    return (await this.api.query<{ task: Task }>('task.show', { taskId })).task
  }

  /** How far the step under way has got, 0 to 1. */
  async fraction(taskId: string): Promise<number> {
    const { progress } = await this.api.query<{ progress: { fraction: number } | null }>('task.show', {
      taskId,
    })
    return progress?.fraction ?? 0
  }

  snapshot(): Promise<Snapshot> {
    return this.api.query<Snapshot>('inventory.snapshot')
  }

  async vm(name: string): Promise<Vm> {
    const vm = await this.findVm(name)
    if (!vm) throw new Error(`Drover knows no VM ${name}`)
    return vm
  }

  async findVm(name: string): Promise<Vm | undefined> {
    return (await this.snapshot()).rows.vm.find((vm) => vm.name === name)
  }

  async host(name: string): Promise<Host> {
    const host = (await this.snapshot()).rows.host.find((one) => one.name === name)
    if (!host) throw new Error(`Drover knows no host ${name}`)
    return host
  }

  /** History of one object (or of everything), oldest first. */
  async events(subject?: string): Promise<Event[]> {
    const input = { limit: 1_000, ...(subject ? { subjects: [subject] } : {}) }
    return (await this.api.query<{ events: Event[] }>('event.list', input)).events.reverse()
  }
}

/** How a task ended, for the message of a failed test: `succeeded: web-17 runs on lab-2 …`. */
export function said(task: Task): string {
  return `${task.state}: ${task.outcome ? sayOutcome(task.outcome) : 'no outcome'}`
}
