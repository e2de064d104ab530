import { decideResult, taskIdOf } from '@drover/engine'
import {
  type CommandResult,
  type HostId,
  isOpen,
  sayRefusals,
  type Task,
  type TaskId,
  type World,
} from '@drover/model'
import {
  type CommandBody,
  type CommandOutcome,
  type CommandProgress,
  commandAckSchema,
  resultSchemas,
} from '@drover/protocol'
import type { Hosts } from '../hosts/hosts'
import type { Answer, Session } from '../hosts/session'
import type { Clock, Log } from '../ports'
import type { Writer } from '../writer/writer'

/** After this long a command that its agent did not acknowledge is said again. */
const againMs = 2_000

/**
 * Brings orders to agents. It remembers nothing of its own: what has to be with an agent is every open task's command
 * without a result, and that is sent on every line until it is acknowledged. Agents run a command's id once.
 */
export class Dispatcher {
  #hosts: Hosts | null = null

  constructor(
    private readonly world: World,
    private readonly writer: Writer,
    private readonly term: number,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** The lines to send over; they are made after the dispatcher, which hears from them. */
  use(hosts: Hosts): void {
    this.#hosts = hosts
  }

  /** An agent is there (again): everything that is out for its host goes over its new line. */
  hostReady(hostId: HostId): void {
    for (const id of this.world.index.openTasksByHost.get(hostId) ?? []) this.dispatch(id)
  }

  /** Sends the command of a task, and its cancellation, unless this line has had them. */
  dispatch(taskId: TaskId): void {
    const task = this.world.tables.task.get(taskId)
    const command = task && isOpen(task) && !task.result ? task.command : null
    if (!command || command.hostId === 'control') return
    const session = this.#hosts?.session(command.hostId)
    if (!session) return
    if (!session.sent.has(command.id)) void this.#send(session, taskId, command)
    if (command.cancelled && !session.cancelled.has(command.id)) {
      session.cancelled.add(command.id)
      session.line.cancel({ commandId: command.id, term: this.term })
    }
  }

  async #send(session: Session, taskId: TaskId, command: NonNullable<Task['command']>): Promise<void> {
    const { id } = command
    session.sent.add(id)
    try {
      const body = command.body as CommandBody
      const reply = await session.line.command({ id, term: this.term, body })
      const ack = commandAckSchema.parse(reply)
      if ('accepted' in ack) return
      this.log.warn('an agent refused a command', { id, why: ack.refused })
    } catch (error) {
      this.log.info('a command was not acknowledged', { id, error: String(error) })
    }
    session.sent.delete(id)
    session.cancelled.delete(id)
    if (session.open) this.clock.setTimer(againMs, () => this.dispatch(taskId))
  }

  /** How far a command has got: kept in memory, never going back. */
  progress(session: Session, { commandId, ...progress }: CommandProgress): void {
    const task = this.world.tables.task.get(taskIdOf(commandId))
    if (task?.command?.id !== commandId || task.command.hostId !== session.hostId) return
    const before = this.world.progress.get(task.id)?.fraction ?? 0
    const fraction = Math.max(before, progress.fraction)
    this.world.progress.set(task.id, { ...progress, fraction, downtimeMs: null })
  }

  /** An agent's answer to a command. Acknowledged when it is committed, or not needed (any more). */
  async result(session: Session, { commandId, result }: CommandOutcome, answer: Answer): Promise<void> {
    const hostId = session.hostId!
    const task = this.world.tables.task.get(taskIdOf(commandId))
    const body = task?.command?.id === commandId ? (task.command.body as CommandBody) : null
    if (!body) {
      answer({ received: true })
      // Of a task that ended without it (it was given up): what came of it is for a report to say.
      if (!task || !isOpen(task)) this.#hosts?.ask({ hostId, ask: { what: 'report' }, delayMs: 0 })
      return
    }
    const input = { hostId, commandId, result: checked(body, result as CommandResult) }
    // An answer from before this line may be older than the report that opened the line: have the truth said again.
    const late = !session.sent.has(commandId)
    const proposed = await this.writer.propose({ kind: 'drover' }, (world, ctx) =>
      decideResult(world, input, ctx),
    )
    if (!proposed.ok) return answer({ refused: sayRefusals(proposed.refusals).slice(0, 500) })
    session.sent.delete(commandId)
    session.cancelled.delete(commandId)
    answer({ received: true })
    if (late) this.#hosts?.ask({ hostId, ask: { what: 'report' }, delayMs: 0 })
  }
}

/** A good answer whose data is not what the command answers with is none. */
function checked(body: CommandBody, result: CommandResult): CommandResult {
  if (!result.ok || !(body.kind in resultSchemas)) return result
  const schema = resultSchemas[body.kind as keyof typeof resultSchemas]
  const parsed = schema.safeParse(result.data)
  if (parsed.success) return { ok: true, data: parsed.data }
  const message = `the agent's answer to ${body.kind} cannot be read: ${parsed.error.issues[0]?.message ?? ''}`
  return { ok: false, error: 'failed', message }
}
