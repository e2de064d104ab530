import { decideResult, isHeard, levelsOf, taskIdOf, vmsOn } from '@drover/engine'
import type { FenceAction } from '@drover/fencing'
import {
  type CommandResult,
  type FenceAnswer,
  type FenceDevice,
  type FenceId,
  type FenceOrder,
  type HostId,
  isActive,
  isOpen,
  type PowerState,
  sayList,
  type Task,
  type TaskId,
  type World,
} from '@drover/model'
import { fenceAnswerSchema, refusedSchema } from '@drover/protocol'
import { liveOf } from '../hosts/live'
import type { Session } from '../hosts/session'
import type { Clock, ControlPorts, Log } from '../ports'
import type { Writer } from '../writer/writer'

/** What a run gets beyond its device's own timeout, for the way to a proxy host and back. */
const beyondMs = 3_000
/** An answer that could not be committed is tried again after this. */
const againMs = 1_000
/** How often the power of a silent host is asked for. */
const watchMs = 2_000

export interface RunnerPorts extends Pick<ControlPorts, 'fencing' | 'secrets'> {
  world: World
  term: number
  writer: Writer
  clock: Clock
  log: Log
  session(hostId: HostId): Session | undefined
}

/**
 * Runs fence devices. Of tasks it remembers nothing: whatever open task has an order for control without a result is run,
 * again after a take-over; switching off what is off does no harm. One run per device at a time. Secrets are opened for
 * the run and nowhere else.
 */
export class FenceRunner {
  readonly #running = new Set<string>()
  readonly #queues = new Map<FenceId, Promise<unknown>>()
  readonly #watched = new Map<HostId, number>()
  #stopped = false

  constructor(private readonly ports: RunnerPorts) {
    for (const id of ports.world.index.openTasks) this.dispatch(id)
  }

  stop(): void {
    this.#stopped = true
  }

  /** Runs the order that an open task has for control, if it has one that is not under way. */
  dispatch(taskId: TaskId): void {
    const task = this.ports.world.tables.task.get(taskId)
    const command = task && isOpen(task) && !task.result ? task.command : null
    if (command?.hostId !== 'control' || this.#running.has(command.id)) return
    this.#running.add(command.id)
    void this.#order(command.id, command.body as FenceOrder).finally(() => this.#running.delete(command.id))
  }

  async #order(commandId: string, { kind, deviceId }: FenceOrder): Promise<void> {
    const { world, clock, log } = this.ports
    const device = world.tables.fence.get(deviceId)
    const result: CommandResult = device
      ? await this.run(
          device,
          kind.slice('fence.'.length) as FenceAction,
          () => this.#isWanted(commandId) && (kind !== 'fence.off' || this.#mayGoOff(device, commandId)),
        )
      : { ok: false, error: 'not_found', message: 'that fence device is not there any more' }
    log.info('a fence device was run', { device: device?.name, kind, ok: result.ok })
    while (!this.#stopped && this.#isWanted(commandId)) {
      const input = { hostId: 'control', commandId, result } as const
      const done = await this.ports.writer
        .propose({ kind: 'drover' }, (w, ctx) => decideResult(w, input, ctx))
        .catch((error: unknown) => {
          log.error('what a fence device answered could not be taken', { commandId, error: String(error) })
          return { ok: true } as const
        })
      if (done.ok) return
      await new Promise<void>((resolve) => clock.setTimer(againMs, resolve))
    }
  }

  /**
   * One that was proven dead by other means, or is heard by now, is not switched off by an order from before, unless a person
   * wants it off. One that is to sleep is while it is empty; one that did not wake is while nothing is heard of it.
   */
  #mayGoOff({ hostId }: FenceDevice, commandId: string): boolean {
    const { world, clock } = this.ports
    const host = world.tables.host.get(hostId)
    const task = world.tables.task.get(taskIdOf(commandId))
    const kind = task?.kind
    const waking = host?.mode === 'standby' && (kind === 'host.wake' || kind === 'host.sleep')
    if (waking) return host.state === 'fenced'
    if (kind === 'host.sleep') return host?.mode === 'entering' && !vmsOn(world, hostId).some(isActive)
    if (host?.state !== 'fencing') return false
    const byHand = task?.kind === 'host.fence' && (task as Task<'host.fence'>).params.byHand
    return byHand || !isHeard(world, host, clock.now())
  }

  #isWanted(commandId: string): boolean {
    const task = this.ports.world.tables.task.get(taskIdOf(commandId))
    return task?.command?.id === commandId && !task.result && isOpen(task)
  }

  /**
   * One run of a device, after those that are under way, if it is still wanted by then: a host that has come back meanwhile
   * is not switched off. Never rejects; its message has no secret.
   */
  run(device: FenceDevice, action: FenceAction, isWanted = () => true): Promise<CommandResult> {
    const before = this.#queues.get(device.id) ?? Promise.resolve()
    const aborted = (message: string) => ({ ok: false, error: 'aborted', message }) as const
    const mine = before.then(() => {
      if (this.#stopped) return aborted('this control daemon no longer leads')
      return isWanted() ? this.#run(device, action) : aborted('nobody waits for it any more')
    })
    this.#queues.set(device.id, mine)
    void mine.then(() => {
      if (this.#queues.get(device.id) === mine) this.#queues.delete(device.id)
    })
    return mine
  }

  async #run(device: FenceDevice, action: FenceAction): Promise<CommandResult> {
    const { agent, timeoutMs, viaHostId } = device
    let secrets: string[] = []
    try {
      const opened = this.#open(device)
      secrets = Object.values(opened)
      const params = { ...device.params, ...opened }
      const run = viaHostId
        ? this.#runVia(viaHostId, { agent, action, params, timeoutMs })
        : this.ports.fencing.run(action, { agent, params, timeoutMs })
      const answer = await this.#within(run, timeoutMs + beyondMs)
      const { power } = answer
      const data: FenceAnswer = { power, message: clean(answer.message, secrets) }
      return { ok: true, data }
    } catch (error) {
      const message = clean(error instanceof Error ? error.message : String(error), secrets)
      return { ok: false, error: error instanceof Late ? 'deadline' : 'failed', message }
    }
  }

  #open({ sealed }: FenceDevice): Record<string, string> {
    return Object.fromEntries(
      Object.entries(sealed).map(([name, text]) => [name, this.ports.secrets.open(text)]),
    )
  }

  async #runVia(
    hostId: HostId,
    run: { agent: string; action: FenceAction; params: Record<string, string>; timeoutMs: number },
  ): Promise<FenceAnswer> {
    const name = this.ports.world.tables.host.get(hostId)?.name ?? hostId
    const session = this.ports.session(hostId)
    if (!session?.open) throw new Error(`${name}, which runs this device, cannot be heard`)
    const said = await session.line.ask({ what: 'fence', term: this.ports.term, ...run })
    const refused = refusedSchema.safeParse(said)
    if (refused.success) throw new Error(`${name}: ${refused.data.refused}`)
    const reply = fenceAnswerSchema.safeParse(said)
    if (!reply.success) throw new Error(`${name} could not run this device. Update its agent`)
    return reply.data
  }

  #within<T>(run: Promise<T>, ms: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = this.ports.clock.setTimer(ms, () => reject(new Late(ms)))
      run.then(resolve, reject).finally(stop)
    })
  }

  // ---- the power of silent hosts ------------------------------------------------------------------------------

  /** Asks the devices of a silent host for its power, now and then, and keeps the answer as evidence. */
  watch(hostId: HostId): void {
    const { clock, world } = this.ports
    const now = clock.now()
    if (now - (this.#watched.get(hostId) ?? 0) < watchMs) return
    const levels = levelsOf(world, hostId)
    if (levels.length === 0 || levels.flat().some(({ id }) => this.#queues.has(id))) return
    this.#watched.set(hostId, now)
    void this.#power(levels).then(({ state, text }) => {
      if (this.#stopped || !world.tables.host.has(hostId)) return
      const live = liveOf(world, hostId, now)
      // Asked before the host was heard again: it says nothing of the silence that comes next.
      if (live.heardAt > now) return
      const before = live.power?.offSince ?? null
      const offSince = state === 'off' ? (before ?? now) : state === 'on' ? null : before
      live.power = { state, at: clock.now(), askedAt: now, offSince, text }
    })
  }

  /** A level of which every device says off is proof, whatever another says; else any that says on. */
  async #power(levels: FenceDevice[][]): Promise<{ state: PowerState; text: string }> {
    let best: { state: PowerState; text: string } | null = null
    const trouble: string[] = []
    for (const devices of levels) {
      const answers = await Promise.all(devices.map((device) => this.run(device, 'status')))
      const states = answers.map((answer) => (answer.ok ? (answer.data as FenceAnswer).power : 'unknown'))
      const named = (state: PowerState) =>
        devices.filter((_, i) => states[i] === state).map(({ name }) => name)
      if (states.every((state) => state === 'off')) return { state: 'off', text: says(named('off'), 'off') }
      if (states.includes('on')) best ??= { state: 'on', text: says(named('on'), 'on') }
      for (const [i, answer] of answers.entries())
        if (!answer.ok) trouble.push(`${devices[i]!.name}: ${answer.message}`)
    }
    return (
      best ?? { state: 'unknown', text: trouble.join('; ') || 'no fence device says whether there is power' }
    )
  }
}

class Late extends Error {
  constructor(ms: number) {
    super(`it did not answer within ${Math.round(ms / 1000)} s`)
  }
}

function says(names: string[], state: PowerState): string {
  return `${sayList(names)} ${names.length === 1 ? 'says' : 'say'} that the power is ${state}`
}

/** Words of a device as history may have them: no secret, no control characters, not too long. */
function clean(message: string, secrets: readonly string[]): string {
  let text = message
  for (const secret of secrets) if (secret.length > 0) text = text.replaceAll(secret, '•••')
  return text
    .replace(/[\p{Cc}\p{Cs}]+/gu, ' ')
    .trim()
    .slice(0, 500)
}
