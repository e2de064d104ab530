import type { Hypervisor } from '@drover/hypervisor'
import type { DatastoreReport, Domain, Report } from '@drover/protocol'
import { reportMs } from '@drover/protocol'
import type { AgentIdentity } from '../agent'
import type { Guard } from '../alone/guard'
import type { Clock, Log } from '../ports'

/** Events come first; this look is the net below them, so that nothing stays unseen for two seconds. */
const lookMs = 1_500
const againMs = 1_000

export interface WatcherPorts {
  hypervisor: Hypervisor
  clock: Clock
  log: Log
  identity: Pick<AgentIdentity, 'version' | 'bootId' | 'selfFence'>
  random(): number
  /** What this agent holds itself to when it is alone. */
  lease(): Guard['lease']
  /** The domain as control is to know it. */
  explain(domain: Domain): Domain
  /** Resolves true once control has it. */
  send(event: 'report' | 'changed', message: unknown): Promise<boolean>
}

interface Inventory {
  facts: Report['facts']
  datastores: DatastoreReport[]
  networks: string[]
}

/**
 * Tells control what this host has: everything on connect, on request and every minute; each change at once. It keeps
 * what control was last told, and tells it whatever differs, so a lost or doubled notice does no harm.
 */
export class Watcher {
  private n = 0
  private inventory: Inventory | null = null
  /** Per VM, what control was last told. */
  private told = new Map<string, string>()
  private readonly dirty = new Set<string>()
  private reportDue = true
  private online = false
  private pumping = false
  private stopped = false
  private complaint: string | null = null
  private reading: Promise<unknown> = Promise.resolve()
  private readonly timers = new Set<() => void>()
  private unlisten = () => {}

  constructor(private readonly ports: WatcherPorts) {}

  start(): void {
    this.unlisten = this.ports.hypervisor.onChange((uuid) => {
      this.dirty.add(uuid)
      this.pump()
    })
    this.every(lookMs, () => this.look())
    this.every(reportMs * (0.9 + 0.2 * this.ports.random()), () => this.requestReport())
  }

  stop(): void {
    this.stopped = true
    this.online = false
    this.unlisten()
    for (const cancel of this.timers) cancel()
  }

  nowOnline(): void {
    this.online = true
    this.requestReport()
  }

  nowOffline(): void {
    this.online = false
  }

  /** Storage and networks may have changed by what a command did. */
  requestReport(): void {
    this.reportDue = true
    this.pump()
  }

  /** A full report, read now and numbered in the order in which things were read. */
  report(): Promise<Report> {
    return this.oneAtATime(async () => {
      const { hypervisor } = this.ports
      const [inventory, seen] = await Promise.all([this.readInventory(), hypervisor.domains()])
      const domains = seen.map((domain) => this.ports.explain(domain))
      this.told = new Map(domains.map((domain) => [domain.uuid, JSON.stringify(domain)]))
      return { n: ++this.n, ...inventory, domains }
    })
  }

  private async pump(): Promise<void> {
    if (this.pumping) return
    this.pumping = true
    try {
      while (this.online && (this.reportDue || this.dirty.size > 0)) {
        if (this.reportDue) {
          this.reportDue = false
          this.dirty.clear()
          await this.say('report', await this.report())
        } else {
          const changed = await this.readDirty()
          if (changed) await this.say('changed', changed)
        }
        this.complaint = null
      }
    } catch (error) {
      // Whatever of it was lost, the next report has all.
      this.reportDue = true
      this.complain(error)
      this.after(againMs, () => this.pump())
    } finally {
      this.pumping = false
    }
  }

  private async say(event: 'report' | 'changed', message: unknown): Promise<void> {
    if (!this.online) {
      this.reportDue = true
      return
    }
    if (!(await this.ports.send(event, message))) throw new Error(`control did not take a ${event}`)
  }

  private readDirty(): Promise<{ n: number; domains: Domain[]; removed: string[] } | null> {
    return this.oneAtATime(async () => {
      const uuids = [...this.dirty]
      this.dirty.clear()
      const domains: Domain[] = []
      const removed: string[] = []
      const found = await Promise.all(uuids.map((uuid) => this.ports.hypervisor.domain(uuid)))
      uuids.forEach((uuid, index) => {
        const domain = found[index] && this.ports.explain(found[index])
        const text = domain ? JSON.stringify(domain) : undefined
        if (this.told.get(uuid) === text) return
        if (domain) domains.push(domain)
        else removed.push(uuid)
        if (text) this.told.set(uuid, text)
        else this.told.delete(uuid)
      })
      if (domains.length === 0 && removed.length === 0) return null
      return { n: ++this.n, domains, removed }
    })
  }

  private async look(): Promise<void> {
    if (!this.online) return
    try {
      const domains = (await this.ports.hypervisor.domains()).map((domain) => this.ports.explain(domain))
      const gone = new Set(this.told.keys())
      for (const domain of domains) {
        gone.delete(domain.uuid)
        if (this.told.get(domain.uuid) !== JSON.stringify(domain)) this.dirty.add(domain.uuid)
      }
      for (const uuid of gone) this.dirty.add(uuid)
      if (this.dirty.size > 0) this.pump()
    } catch (error) {
      this.complain(error)
    }
  }

  private async readInventory(): Promise<Inventory> {
    const { hypervisor, identity } = this.ports
    const { version: agentVersion, bootId } = identity
    const [facts, datastores, networks] = await Promise.all([
      hypervisor.facts(),
      hypervisor.datastores(),
      hypervisor.networks(),
    ])
    const selfFence = identity.selfFence && { ...identity.selfFence, lease: this.ports.lease() ?? null }
    this.inventory = { facts: { ...facts, agentVersion, bootId, selfFence }, datastores, networks }
    return this.inventory
  }

  /** What was read later must not be overtaken by what was read before. */
  private oneAtATime<T>(read: () => Promise<T>): Promise<T> {
    const result = this.reading.then(read, read)
    this.reading = result.catch(() => {})
    return result
  }

  private every(ms: number, act: () => void): void {
    this.after(ms, () => {
      act()
      this.every(ms, act)
    })
  }

  private after(ms: number, act: () => void): void {
    const cancel = this.ports.clock.setTimer(ms, () => {
      this.timers.delete(cancel)
      if (!this.stopped) act()
    })
    this.timers.add(cancel)
  }

  private complain(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error)
    if (text === this.complaint || this.stopped || !this.online) return
    this.complaint = text
    this.ports.log.warn(`cannot say what this host has: ${text}`)
  }
}
