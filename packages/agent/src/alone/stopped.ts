import type { Domain } from '@drover/protocol'
import { stoppedAlone } from '@drover/protocol'
import { z } from 'zod'
import type { Journal, Log, Machine } from '../ports'

const key = 'stopped'
/** A guest that was asked to shut down may still be about to when its host is no longer alone. */
const lateMs = 300_000
const recordSchema = z.record(z.string(), z.enum(['selfFence', 'isolation']))
type Why = keyof typeof stoppedAlone

/**
 * The VMs that this agent stopped by itself, and why. To the hypervisor it looks as if somebody had pulled the plug; the
 * agent knows better and says so in its reports, also after a restart.
 */
export class Stopped {
  private vms: Record<string, Why> = {}
  private readonly notedAt = new Map<string, number>()

  constructor(private readonly ports: { journal: Journal; log: Log; machine: Machine }) {}

  load(entries: { key: string; value: unknown }[]): void {
    const found = recordSchema.safeParse(entries.find((entry) => entry.key === key)?.value)
    if (!found.success) return
    this.vms = found.data
    for (const uuid of Object.keys(this.vms)) this.notedAt.set(uuid, this.now())
  }

  note(uuids: string[], why: Why): void {
    const news = uuids.filter((uuid) => this.vms[uuid] !== why)
    for (const uuid of uuids) this.notedAt.set(uuid, this.now())
    for (const uuid of news) this.vms[uuid] = why
    if (news.length > 0) this.save()
  }

  /** The domain as it is reported. */
  explain(domain: Domain): Domain {
    const why = this.vms[domain.uuid]
    if (!why) return domain
    return domain.state === 'off' || domain.state === 'crashed'
      ? { ...domain, state: 'off', reason: stoppedAlone[why] }
      : domain
  }

  /** These run, and nobody is about to stop them: those that still do after a while have been started since. */
  run(uuids: string[]): void {
    for (const uuid of uuids) {
      const at = this.notedAt.get(uuid)
      if (at !== undefined && this.now() - at > lateMs) this.forget(uuid)
    }
  }

  /** Somebody starts it, or takes it away: from now on its state says why. */
  forget(uuid: string): void {
    if (!this.vms[uuid]) return
    delete this.vms[uuid]
    this.notedAt.delete(uuid)
    this.save()
  }

  private now(): number {
    return this.ports.machine.uptimeMs()
  }

  private save(): void {
    this.ports.journal.put(key, this.vms).catch((error) => {
      this.ports.log.warn(`it cannot be written down which VMs were stopped: ${String(error)}`)
    })
  }
}
