import { loadPicture, loadRules } from '@drover/engine'
import type { HostId, LoadRules, Refusal, VmId, World } from '@drover/model'
import { type Store, StoreAway } from '@drover/store'
import type { Clock, Log } from '../ports'
import type { Backtester, BacktestJob, BacktestQuestion } from './port'

/** Backtests at once, and those that have ended and are still shown. */
const mostAtOnce = 1
const mostKept = 10
const day = 86_400_000
/** So far back five minutes are kept. */
const mostDays = 30
const eventsPerPage = 2_000
const idsPerTerm = 10_000

export interface BacktestPorts {
  /** Of the lead that they end with: no later one gives the same ids. */
  term: number
  world: World
  store: Store
  clock: Clock
  log: Log
  backtester: Backtester
}

export interface BacktestInput {
  clusterId: string
  rules: LoadRules
  fromAt: number
  toAt: number
}

export type Started = { ok: true; value: { id: string } } | { ok: false; refusals: Refusal[] }

/** Backtests of the daemon that leads: begun, shown, cancelled. In memory; with the lead they end. */
export class Backtests {
  readonly #jobs = new Map<string, BacktestJob & { cancel: () => void }>()
  #last: number

  constructor(private readonly ports: BacktestPorts) {
    this.#last = (ports.term - 1) * idsPerTerm
  }

  /** Begins one, if none runs. It ends by itself, or by `cancel`. */
  start({ clusterId, rules, fromAt, toAt }: BacktestInput): Started {
    const { world, clock } = this.ports
    const cluster = world.tables.cluster.get(clusterId)
    if (!cluster) return refuse({ code: 'not_found', noun: 'cluster', id: clusterId })
    const now = clock.now()
    const to = Math.min(toAt, now)
    if (!(to - fromAt >= 3_600_000))
      return refuse(invalid('fromAt', 'less than an hour would be looked at', 'Give an earlier time.'))
    if (now - fromAt > mostDays * day)
      return refuse(invalid('fromAt', `usage is kept for ${mostDays} days`, 'Give a later time.'))
    const running = [...this.#jobs.values()].filter(({ state }) => state === 'running')
    if (running.length >= mostAtOnce) {
      const { id, clusterName, progress } = running[0]!
      const done = `${Math.floor(progress * 100)} % done`
      const problem = `A backtest of ${clusterName} is under way (${id}, ${done})`
      return refuse({ code: 'not_now', problem, remedy: 'Wait for it, or cancel it.' })
    }
    // Also where a host is silent now: what counts is what was recorded.
    const present = loadRules(world, cluster)
    const picture = loadPicture(world, cluster, present, now, { unheard: 'idle' })
    if (!picture || picture.hosts.length === 0)
      return refuse(invalid('clusterId', `${cluster.name} has no hosts`, 'Choose another cluster.'))
    this.#last += 1
    const job = {
      id: `backtest-${this.#last}`,
      clusterId: cluster.id,
      clusterName: cluster.name,
      fromAt,
      toAt: to,
      startedAt: now,
      endedAt: null,
      state: 'running' as const,
      progress: 0,
      why: null,
      result: null,
      cancel: () => {},
    }
    this.#jobs.set(job.id, job)
    for (const old of this.#jobs.values())
      if (this.#jobs.size > mostKept && old.state !== 'running') this.#jobs.delete(old.id)
    const places = picture.vms.map(({ at }) => at)
    void this.#run(job, { picture, rules: { present, proposed: rules }, fromAt, toAt: to, places })
    return { ok: true, value: { id: job.id } }
  }

  show(id: string): BacktestJob | null {
    const job = this.#jobs.get(id)
    if (!job) return null
    const { cancel: _, ...shown } = job
    return shown
  }

  list(clusterId?: string): BacktestJob[] {
    return [...this.#jobs.keys()]
      .map((id) => this.show(id)!)
      .filter((job) => clusterId === undefined || job.clusterId === clusterId)
      .reverse()
  }

  /** Whether there was anything to cancel. */
  cancel(id: string, why = 'It was cancelled.'): boolean {
    const job = this.#jobs.get(id)
    if (job?.state !== 'running') return false
    this.#end(job, { state: 'cancelled', why })
    job.cancel()
    return true
  }

  stop(): void {
    for (const { id } of this.#jobs.values())
      this.cancel(id, 'This control daemon no longer leads. Start it again.')
  }

  async #run(job: BacktestJob & { cancel: () => void }, question: BacktestQuestion): Promise<void> {
    try {
      question.places = await this.#placesAt(question)
      if (job.state !== 'running') return
      const run = this.ports.backtester.run(question, (share) => {
        if (job.state === 'running') job.progress = Math.max(job.progress, Math.min(1, share))
      })
      job.cancel = run.cancel
      const result = await run.result
      if (job.state === 'running') this.#end(job, { state: 'done', progress: 1, result })
    } catch (error) {
      if (job.state !== 'running') return
      this.ports.log.warn('a backtest failed', {
        error: error instanceof Error ? error.stack : String(error),
      })
      this.#end(job, { state: 'failed', why: whyOf(error) })
    }
  }

  #end(job: BacktestJob, how: Partial<BacktestJob>): void {
    Object.assign(job, how, { endedAt: this.ports.clock.now() })
  }

  /** Where VMs were at the beginning: whence they went at their first move since then; else where they are. */
  async #placesAt({ picture, places, fromAt }: BacktestQuestion): Promise<number[]> {
    const hosts = new Map(picture.hosts.map(({ id }, i) => [id, i]))
    const vms = new Map(picture.vms.map(({ id }, i) => [id, i]))
    const then = [...places]
    const known = new Set<VmId>()
    for (let afterSeq: number | undefined; ; ) {
      const page = await this.ports.store.events({
        kinds: ['vm.moved'],
        fromAt,
        ascending: true,
        limit: eventsPerPage,
        ...(afterSeq === undefined ? {} : { afterSeq }),
      })
      for (const { body } of page) {
        if (body.kind !== 'vm.moved') continue
        const vmId = body.vm.id as VmId
        const [vm, host] = [vms.get(vmId), hosts.get(body.source.id as HostId)]
        if (vm === undefined || known.has(vmId)) continue
        known.add(vmId)
        if (host !== undefined) then[vm] = host
      }
      if (page.length < eventsPerPage) return then
      afterSeq = page.at(-1)!.seq
    }
  }
}

function refuse(refusal: Refusal): { ok: false; refusals: Refusal[] } {
  return { ok: false, refusals: [refusal] }
}

function invalid(field: string, problem: string, remedy: string): Refusal {
  return { code: 'invalid', field, problem, remedy }
}

/** What a person can do about it; the cause itself is for the log. */
function whyOf(error: unknown): string {
  return error instanceof StoreAway
    ? 'What was recorded cannot be read: the database cannot be reached. Start the backtest again when it is back.'
    : 'The backtest failed through a fault of Drover’s own; nothing was changed. Start it again, or over fewer days; the cause is in the log of the control daemon.'
}
