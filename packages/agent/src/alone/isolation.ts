import type { Hypervisor } from '@drover/hypervisor'
import type { Domain, Duties } from '@drover/protocol'
import type { Log, Machine } from '../ports'
import type { Stopped } from './stopped'

const askAgainMs = 10_000
/** A guest that has not shut down by then is left running. */
const shutdownMs = 300_000

interface Response {
  since: number
  askedAt: number
  over: boolean
}

/**
 * What is done with VMs whose host still runs them but is cut off from control: each as its owner wants it, once in each
 * isolation. Nothing is started again here; that is for control to decide.
 */
export class IsolationResponses {
  private readonly responses = new Map<string, Response>()

  constructor(
    private readonly ports: { hypervisor: Hypervisor; machine: Machine; log: Log; stopped: Stopped },
  ) {}

  /** Control is heard again: the next isolation begins anew. */
  reset(): void {
    this.responses.clear()
  }

  /** While isolated, every second. */
  respond(wanted: Duties['isolation'], active: Domain[]): void {
    for (const [uuid, response] of this.responses) {
      if (!active.some((domain) => domain.uuid === uuid)) response.over = true
    }
    for (const domain of active) {
      const what = wanted[domain.uuid]
      // One that arrives is its source's until it has switched over.
      if (what && domain.state !== 'incoming') this.ask(domain, what)
    }
  }

  private ask({ uuid, name, state }: Domain, what: 'shutdown' | 'powerOff'): void {
    const { hypervisor, machine, log, stopped } = this.ports
    const now = machine.uptimeMs()
    const known = this.responses.get(uuid)
    if (known?.over || (known && now - known.askedAt < askAgainMs)) return
    const response = known ?? { since: now, askedAt: now, over: false }
    response.askedAt = now
    this.responses.set(uuid, response)
    const failed = (error: unknown) => log.warn(`isolated: ${name} does not obey: ${String(error)}`)
    if (!known) {
      log.warn(`isolated: ${what === 'powerOff' ? 'stops' : 'shuts down'} ${name}`)
      stopped.note([uuid], 'isolation')
    }
    if (what === 'powerOff') hypervisor.stop(uuid).catch(failed)
    else if (now - response.since >= shutdownMs) {
      response.over = true
      stopped.forget(uuid)
      log.warn(`isolated: ${name} did not shut down within ${shutdownMs / 1000} s and runs on`)
    } else if (state === 'running') hypervisor.requestShutdown(uuid).catch(failed)
  }
}
