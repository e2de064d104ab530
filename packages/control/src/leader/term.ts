import { thresholdsOf } from '@drover/engine'
import {
  type Alarm,
  emptyWorld,
  type HostId,
  type Incident,
  isOpen,
  isOpenDecision,
  type LoadDecision,
  rememberedMs,
  setRow,
  type TableName,
  type Task,
  type TaskId,
  tableNames,
  type World,
} from '@drover/model'
import {
  type Batch,
  recentAlarms,
  recentDecisions,
  recentIncidents,
  recentTasks,
  type Store,
} from '@drover/store'
import { directBacktester } from '../backtest/direct'
import { Backtests } from '../backtest/jobs'
import { Dispatcher } from '../dispatch/dispatch'
import { FenceRunner } from '../fence/runner'
import { FenceTests } from '../fence/tests'
import { Hosts } from '../hosts/hosts'
import { HaLoop } from '../loops/ha'
import { LoadLoop } from '../loops/load'
import { ShadowLoop } from '../loops/shadow'
import { TaskLoop } from '../loops/tasks'
import type { ControlPorts } from '../ports'
import type { Publisher } from '../publish/publisher'
import { UsageRecorder } from '../usage/recorder'
import { Writer } from '../writer/writer'
import { Past } from './past'

export interface TermPorts extends ControlPorts {
  term: number
  loaded: Awaited<ReturnType<Store['load']>>
  publisher: Publisher
  onHealth: () => void
  /** Whether it is certain that no other daemon leads by now. */
  isSure: () => boolean
  onDeposed: () => void
}

/** Everything that lives as long as this daemon leads, and not a moment longer: world, writer, lines and loops. */
export class Term {
  readonly world: World
  readonly writer: Writer
  readonly hosts: Hosts
  readonly #dispatcher: Dispatcher
  readonly #tasks: TaskLoop
  readonly #ha: HaLoop
  readonly #load: LoadLoop
  readonly #shadow: ShadowLoop
  readonly #usage: UsageRecorder
  readonly backtests: Backtests
  readonly fences: FenceRunner
  readonly fenceTests: FenceTests
  /** Tasks that have ended, oldest first: the world keeps as many as the dock shows. */
  readonly #ended: TaskId[]
  readonly #past: { incident: Past; alarm: Past; decision: Past }

  constructor(private readonly ports: TermPorts) {
    const { clock, random, log, term } = ports
    this.world = worldOf(ports.loaded.tables)
    this.#ended = [...this.world.tables.task.values()]
      .filter((task) => !isOpen(task))
      .sort((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0))
      .map((task) => task.id)
    const { world } = this
    const { incident, alarm, decision } = world.tables
    this.#past = {
      incident: new Past(
        [...incident.values()]
          .filter(({ state }) => state === 'closed')
          .sort((a, b) => a.closedAt! - b.closedAt!),
        recentIncidents,
        (id) => setRow(world, 'incident', id, null),
      ),
      alarm: new Past(
        [...alarm.values()]
          .filter((row) => row.clearedAt !== null)
          .sort((a, b) => a.clearedAt! - b.clearedAt!),
        recentAlarms,
        (id) => setRow(world, 'alarm', id, null),
      ),
      decision: new Past(
        [...decision.values()].filter((row) => !isOpenDecision(row)).sort((a, b) => a.at - b.at),
        recentDecisions,
        (id) => setRow(world, 'decision', id, null),
        (id) => goesBy(world, world.tables.decision.get(id), clock.now()),
      ),
    }
    this.writer = new Writer({
      ...ports,
      world,
      counters: ports.loaded.counters,
      onCommitted: (batch) => this.#committed(batch),
      onHealth: () => {
        ports.onHealth()
        if (this.writer.awaySince === null) this.#tasks.wake(true)
      },
    })
    const { writer } = this
    this.#dispatcher = new Dispatcher(world, writer, term, clock, log)
    this.hosts = new Hosts({
      world,
      writer,
      term,
      clock,
      random,
      log,
      isSure: ports.isSure,
      onReady: (_session, hostId) => this.#dispatcher.hostReady(hostId),
      onRefused: (fault) => ports.onAgentRefused?.(fault),
      onProgress: (session, message) => this.#dispatcher.progress(session, message),
      onResult: (session, message, answer) => void this.#dispatcher.result(session, message, answer),
    })
    this.#dispatcher.use(this.hosts)
    this.#tasks = new TaskLoop(world, writer, clock)
    const session = (hostId: HostId) => this.hosts.session(hostId)
    this.fences = new FenceRunner({ ...ports, world, writer, session })
    this.fenceTests = new FenceTests(world, writer, this.fences, clock, log)
    const { reaches } = ports
    const watch = (hostId: HostId) => this.fences.watch(hostId)
    const askReport = (hostId: HostId) => this.hosts.ask({ hostId, ask: { what: 'report' }, delayMs: 0 })
    this.#ha = new HaLoop({ world, writer, clock, log, reaches, watch, askReport })
    this.#shadow = new ShadowLoop({ world, writer, clock, log, planner: ports.planner })
    const usageWriter = { term, daemon: ports.daemon }
    this.#usage = new UsageRecorder({ world, store: ports.store.usage, writer: usageWriter, clock, log })
    this.#load = new LoadLoop({ world, writer, clock, log, planner: ports.planner, history: this.#usage })
    const { store, backtester = directBacktester(ports.store.usage) } = ports
    this.backtests = new Backtests({ term, world, store, clock, log, backtester })
    ports.publisher.begin(world)
  }

  /** Stops writing, sending and telling at once. */
  end(why: string): void {
    this.writer.stop()
    this.#tasks.stop()
    this.#ha.stop()
    this.#load.stop()
    this.#shadow.stop()
    this.#usage.stop()
    this.backtests.stop()
    this.fences.stop()
    this.fenceTests.stop()
    this.ports.publisher.end()
    this.hosts.closeAll(why)
  }

  /** What follows a commit: only now may anyone act on it or be told of it. */
  #committed(batch: Batch): void {
    for (const { table, id, row } of batch.rows) {
      if (table === 'task') this.#taskChanged(id as TaskId, row as Task | null)
      if (table === 'incident')
        this.#past.incident.note(id, row === null || (row as Incident).state === 'open')
      if (table === 'alarm') this.#past.alarm.note(id, row === null || (row as Alarm).clearedAt === null)
      if (table === 'decision')
        this.#past.decision.note(id, row === null || isOpenDecision(row as LoadDecision))
      if (table === 'host' && row === null) this.hosts.removed(id as HostId)
    }
    this.ports.publisher.committed(batch)
    this.#tasks.committed(batch)
    this.hosts.committed(batch)
    this.#ha.committed(batch)
    this.#load.committed(batch)
    this.fenceTests.committed(batch)
  }

  #taskChanged(id: TaskId, task: Task | null): void {
    if (task && isOpen(task)) {
      if (!task.command?.cancelled) this.world.progress.delete(id)
      this.#dispatcher.dispatch(id)
      this.fences.dispatch(id)
      return
    }
    this.world.progress.delete(id)
    if (!task) return
    // What the hosts said of the VM meanwhile was left to the task: where it moved it, or failed, their word counts again.
    if (task.kind === 'vm.migrate' || task.state !== 'succeeded')
      for (const hostId of task.hostIds) this.hosts.ask({ hostId, ask: { what: 'report' }, delayMs: 0 })
    this.#ended.push(id)
    if (this.#ended.length > recentTasks) setRow(this.world, 'task', this.#ended.shift()!, null)
  }
}

/** Whether the rules of its cluster still count what was decided: budgets, cooldowns. */
function goesBy(world: World, decision: LoadDecision | undefined, now: number): boolean {
  const cluster = decision && world.tables.cluster.get(decision.clusterId)
  if (!cluster) return false
  return now - (decision.endedAt ?? decision.at) < rememberedMs(cluster, thresholdsOf(world, cluster.id))
}

function worldOf(tables: TermPorts['loaded']['tables']): World {
  const world = emptyWorld()
  for (const table of tableNames)
    for (const row of tables[table]) setRow<TableName>(world, table, row.id, row)
  return world
}
