import { type Hypervisor, HypervisorError, type OperationProgress } from '@drover/hypervisor'
import type { CommandResult } from '@drover/model'
import type { Command, CommandAck, CommandBody, CommandOutcome } from '@drover/protocol'
import { z } from 'zod'
import type { Clock, Journal, Log, Machine } from '../ports'
import { execute } from './execute'
import { type CommandRecord, hashOf, isQuestion, isRepeatable, laneOf, recordSchema } from './record'

const progressEveryMs = 500
const deliverAgainMs = 2_000
/** A host that is to go down waits so long for control to hear that it will. */
const farewellMs = 5_000
/** How many finished commands are remembered after control has their results. */
const remembered = 300

export interface RunnerPorts {
  hypervisor: Hypervisor
  machine: Machine
  journal: Journal
  clock: Clock
  log: Log
  /** How often this host has stopped everything because it was alone. */
  fencings(): number
  /** A command is about to define, start or remove this VM. */
  touched(uuid: string): void
  sendProgress(message: { commandId: string } & OperationProgress): void
  /** Resolves true once control has it; false or a rejection: it has to be said again. */
  sendResult(outcome: CommandOutcome): Promise<boolean>
}

/**
 * Runs each command once, however often it is sent, and says how it ended until control has heard it. What it promises
 * is on the disk before it promises it.
 */
export class CommandRunner {
  private readonly records = new Map<string, CommandRecord>()
  private readonly running = new Map<string, AbortController>()
  /** Called off while their acceptance was still being written. */
  private readonly cancelled = new Set<string>()
  private readonly lanes = new Map<string, Promise<void>>()
  private readonly accepting = new Map<string, Promise<void>>()
  private readonly delivering = new Set<string>()
  private readonly redeliveries = new Map<string, () => void>()
  private readonly farewells = new Map<string, () => void>()
  private term = 0
  private count = 0
  private online = false
  private stopped = false

  constructor(private readonly ports: RunnerPorts) {}

  /** Reads what an earlier life left behind: rejoins its migrations, owns up to what it cannot know the end of. */
  async load(): Promise<void> {
    for (const { key, value } of await this.ports.journal.read()) {
      if (key === 'term') this.term = z.number().int().catch(0).parse(value)
      const record = recordSchema.safeParse(value)
      if (!key.startsWith('command:') || !record.success) continue
      this.records.set(record.data.id, record.data)
      this.count = Math.max(this.count, record.data.n)
    }
    for (const record of [...this.records.values()].sort((a, b) => a.n - b.n)) {
      if (record.state !== 'accepted') continue
      if (record.body?.kind === 'vm.migrate') this.begin(record, true)
      else if (!record.body || !isRepeatable(record.body)) await this.finish(record, interrupted)
    }
  }

  /** False when a newer leader has been seen. A newer term is on the disk before anything of it is obeyed. */
  async acceptTerm(term: number): Promise<boolean> {
    if (term < this.term) return false
    if (term > this.term) {
      this.term = term
      await this.ports.journal.put('term', term)
    }
    return true
  }

  /** Answers `accepted` once the command is on the disk; it then runs by itself. */
  async receive({ id, term, body }: Command): Promise<CommandAck> {
    if (!(await this.acceptTerm(term))) {
      return { refused: `Term ${term} is over: this agent has heard of term ${this.term}.` }
    }
    const record = this.records.get(id)
    if (!record) {
      const fresh = this.accept(id, body)
      this.accepting.set(id, fresh)
      await fresh.finally(() => this.accepting.delete(id))
      return { accepted: true }
    }
    if (record.bodySha256 !== hashOf(body)) return { refused: `${id} was another command before.` }
    await this.accepting.get(id)
    if (record.state === 'accepted') {
      if (!this.running.has(id)) this.begin(record, false)
    } else {
      if (record.state === 'received') record.state = 'done'
      this.deliver(record)
    }
    return { accepted: true }
  }

  cancel(id: string): void {
    if (this.accepting.has(id)) this.cancelled.add(id)
    this.running.get(id)?.abort()
  }

  /** Says again everything that control may not have heard. */
  nowOnline(): void {
    this.online = true
    for (const record of this.records.values()) if (record.state === 'done') this.deliver(record)
  }

  nowOffline(): void {
    this.online = false
    for (const cancel of this.redeliveries.values()) cancel()
    this.redeliveries.clear()
  }

  /** As if the process had ended: nothing more is written or said. */
  stop(): void {
    this.stopped = true
    this.nowOffline()
  }

  private async accept(id: string, body: CommandBody): Promise<void> {
    const record: CommandRecord = {
      n: ++this.count,
      id,
      kind: body.kind,
      bodySha256: hashOf(body),
      state: 'accepted',
      body,
      result: null,
    }
    this.records.set(id, record)
    try {
      await this.save(record)
    } catch (error) {
      this.records.delete(id)
      throw error
    }
    this.begin(record, false)
  }

  private begin(record: CommandRecord, rejoin: boolean): void {
    const { id, body } = record
    if (!body || this.stopped) return
    const abort = new AbortController()
    this.running.set(id, abort)
    if (this.cancelled.delete(id)) abort.abort()
    const fencings = this.ports.fencings()
    const run = async () => {
      const fenced = () => body.kind === 'vm.start' && this.ports.fencings() !== fencings
      let result = fenced() ? selfFenced : await this.run(id, body, abort.signal, rejoin)
      if (result.ok && fenced()) result = await this.takeBack(body)
      if (this.stopped) return
      // Before the answer: who hears it may be quicker than the journal.
      if (body.kind === 'host.shutdown' && result.ok) this.bidFarewell(id, body.reboot)
      await this.finish(record, result)
      this.running.delete(id)
    }
    const failed = (error: unknown) => {
      this.running.delete(id)
      this.ports.log.error(`the end of ${id} could not be written down`, { error: String(error) })
    }
    const lane = laneOf(body)
    if (lane === null) {
      run().catch(failed)
      return
    }
    const turn = (this.lanes.get(lane) ?? Promise.resolve()).then(run).catch(failed)
    this.lanes.set(lane, turn)
    turn.finally(() => {
      if (this.lanes.get(lane) === turn) this.lanes.delete(lane)
    })
  }

  private async run(
    id: string,
    body: CommandBody,
    signal: AbortSignal,
    rejoin: boolean,
  ): Promise<CommandResult> {
    if (signal.aborted) return { ok: false, error: 'aborted', message: 'It was called off before it began.' }
    const control = { signal, onProgress: this.throttled(id) }
    if (body.kind === 'vm.define' || body.kind === 'vm.start' || body.kind === 'vm.undefine') {
      this.ports.touched(body.uuid)
    }
    this.ports.log.info(`${rejoin ? 'rejoins' : 'begins'} ${body.kind}`, { id })
    try {
      if (!rejoin) return { ok: true, data: await execute(body, this.ports, control) }
      const uuid = body.kind === 'vm.migrate' ? body.uuid : ''
      const report = await this.ports.hypervisor.rejoinMigration(uuid, control)
      return report ? { ok: true, data: report } : interrupted
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      const code = error instanceof HypervisorError ? error.code : 'failed'
      this.ports.log.warn(`${body.kind} failed: ${message}`, { id, code })
      return { ok: false, error: code, message: message.slice(0, 2000) }
    }
  }

  /** A start that took so long that everything was stopped meanwhile: its VM may run elsewhere by now. */
  private async takeBack(body: CommandBody): Promise<CommandResult> {
    const uuid = body.kind === 'vm.start' ? body.uuid : ''
    this.ports.log.warn(`stops ${uuid} again: it was started when everything had been stopped`)
    await this.ports.hypervisor.stop(uuid).catch((error) => {
      this.ports.log.error(`${uuid} cannot be stopped: ${String(error)}`)
    })
    return selfFenced
  }

  /** Goes down once control has the answer, or has had the time to hear it. */
  private bidFarewell(id: string, reboot: boolean): void {
    const go = () => {
      cancel()
      if (!this.farewells.delete(id) || this.stopped) return
      this.ports.log.info(reboot ? 'the host reboots' : 'the host shuts down')
      this.ports.machine
        .shutdown(reboot)
        .catch((error) => this.ports.log.error(`the host cannot be shut down: ${String(error)}`))
    }
    const cancel = this.ports.clock.setTimer(farewellMs, go)
    this.farewells.set(id, go)
  }

  private async finish(record: CommandRecord, result: CommandResult): Promise<void> {
    record.result = result.ok ? { ok: true, data: result.data ?? null } : result
    record.state = 'done'
    record.body = null
    await this.save(record)
    this.ports.log.info(`ended ${record.kind}`, { id: record.id, ok: result.ok })
    this.deliver(record)
  }

  private deliver(record: CommandRecord): void {
    const { id, result } = record
    if (!this.online || this.stopped || this.delivering.has(id) || !result) return
    this.delivering.add(id)
    const again = () => {
      if (!this.online || this.stopped) return
      const cancel = this.ports.clock.setTimer(deliverAgainMs, () => {
        this.redeliveries.delete(id)
        this.deliver(record)
      })
      this.redeliveries.set(id, cancel)
    }
    this.ports
      .sendResult({ commandId: id, result })
      .then(
        (received) => (received ? this.received(record) : again()),
        () => again(),
      )
      .catch((error) => this.ports.log.error(`${id} could not be written down`, { error: String(error) }))
      .finally(() => this.delivering.delete(id))
  }

  private async received(record: CommandRecord): Promise<void> {
    if (this.stopped) return
    record.state = 'received'
    await this.save(record)
    this.farewells.get(record.id)?.()
    const known = [...this.records.values()].filter((r) => r.state === 'received')
    if (known.length <= remembered) return
    known.sort((a, b) => a.n - b.n)
    for (const old of known.slice(0, known.length - remembered)) {
      this.records.delete(old.id)
      await this.ports.journal.remove(`command:${old.id}`)
    }
  }

  private async save(record: CommandRecord): Promise<void> {
    if (this.stopped || isQuestion(record.kind)) return
    await this.ports.journal.put(`command:${record.id}`, record)
  }

  /** At most two a second; the last word is the result's. */
  private throttled(commandId: string): (progress: OperationProgress) => void {
    let saidAt = Number.NEGATIVE_INFINITY
    return (progress) => {
      const now = this.ports.clock.now()
      if (this.stopped || now - saidAt < progressEveryMs) return
      saidAt = now
      this.ports.sendProgress({ commandId, ...progress })
    }
  }
}

const selfFenced: CommandResult = {
  ok: false,
  error: 'aborted',
  message: 'The host had lost control and storage meanwhile, and stopped everything.',
}

const interrupted: CommandResult = {
  ok: false,
  error: 'interrupted',
  message: 'The agent restarted meanwhile and cannot say how it ended.',
}
