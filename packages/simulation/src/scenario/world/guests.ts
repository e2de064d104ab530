import { type Hypervisor, HypervisorError, type MigrateRequest } from '@drover/hypervisor'
import type { ScenarioVm } from '../format/scenario'
import type { Fails } from '../format/vm'
import type { Recorder } from '../trace/trace'
import type { Intentions } from '../trace/watch'

interface Guest {
  name: string
  faults: ScenarioVm['faults']
  /** How often each has failed since it was armed. */
  failed: { start: number; migrate: number; stop: number }
  lock: { diesWithHost: boolean; host: string | null } | null
}

/** What a scenario says of single VMs: operations that fail, and locks that nobody's order goes through. */
export class Guests {
  private readonly guests = new Map<string, Guest>()

  constructor(
    private readonly recorder: Recorder,
    private readonly intentions: Intentions,
  ) {}

  add(uuid: string, name: string, faults: ScenarioVm['faults'] = {}): void {
    const failed = { start: 0, migrate: 0, stop: 0 }
    this.guests.set(uuid, { name, faults, failed, lock: null })
  }

  knows(name: string): boolean {
    return [...this.guests.values()].some((guest) => guest.name === name)
  }

  nameOf(uuid: string): string | undefined {
    return this.guests.get(uuid)?.name
  }

  uuidOf(name: string): string {
    for (const [uuid, guest] of this.guests) if (guest.name === name) return uuid
    throw new Error(`no VM ${name}`)
  }

  lock(name: string, host: string | null, diesWithHost: boolean): void {
    this.guests.get(this.uuidOf(name))!.lock = { diesWithHost, host }
  }

  unlock(name: string): void {
    this.guests.get(this.uuidOf(name))!.lock = null
  }

  /** A host went down: locks that something on it held are gone. */
  hostDown(host: string): void {
    for (const guest of this.guests.values()) {
      if (guest.lock?.diesWithHost && guest.lock.host === host) guest.lock = null
    }
  }

  /** The hypervisor of a host, as its agent has it, with these faults, and with what it is asked for written down. */
  around(real: Hypervisor, host: string): Hypervisor {
    const mine: Partial<Hypervisor> = {
      start: (uuid) => this.start(real, host, uuid),
      stop: (uuid) => this.stop(real, host, uuid),
      requestShutdown: (uuid) => this.requestShutdown(real, host, uuid),
      migrate: (request, control) => this.migrate(real, host, request, control),
    }
    return new Proxy(real, {
      get: (target, name) => {
        const own = Reflect.get(mine, name)
        if (own) return own
        const member = Reflect.get(target, name)
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
  }

  private async start(real: Hypervisor, host: string, uuid: string): Promise<void> {
    const guest = this.guests.get(uuid)
    if (!guest) return real.start(uuid)
    const vm = guest.name
    const running = (await real.domain(uuid))?.state === 'running'
    if (!running) this.recorder.add({ ev: 'vm_start', vm, host })
    try {
      this.trip(guest, 'start', host)
      await real.start(uuid)
      this.rearm(guest, 'start')
    } catch (error) {
      this.recorder.add({ ev: 'vm_start_failed', vm, host })
      throw error
    }
  }

  private async stop(real: Hypervisor, host: string, uuid: string): Promise<void> {
    const guest = this.guests.get(uuid)
    if (!guest) return real.stop(uuid)
    const meant = `${host} ${uuid}`
    try {
      this.trip(guest, 'stop', host)
      this.intentions.stopping.add(meant)
      await real.stop(uuid)
      this.rearm(guest, 'stop')
    } catch (error) {
      this.intentions.stopping.delete(meant)
      this.recorder.add({ ev: 'vm_stop_failed', vm: guest.name, host })
      throw error
    }
  }

  /** A guest that cannot be stopped does not listen either. */
  private async requestShutdown(real: Hypervisor, host: string, uuid: string): Promise<void> {
    const guest = this.guests.get(uuid)
    if (guest?.lock) this.trip(guest, 'stop', host)
    if (guest && fails(guest.faults.stop_fails, guest.failed.stop, host)) return
    this.intentions.stopping.add(`${host} ${uuid}`)
    await real.requestShutdown(uuid)
  }

  private async migrate(
    real: Hypervisor,
    host: string,
    request: MigrateRequest,
    control: Parameters<Hypervisor['migrate']>[1],
  ): ReturnType<Hypervisor['migrate']> {
    const guest = this.guests.get(request.uuid)
    if (!guest) return real.migrate(request, control)
    try {
      this.trip(guest, 'migrate', host)
      const report = await real.migrate(request, control)
      this.rearm(guest, 'migrate')
      return report
    } catch (error) {
      this.recorder.add({ ev: 'vm_migrate_failed', vm: guest.name, host })
      throw error
    }
  }

  private trip(guest: Guest, what: 'start' | 'stop' | 'migrate', host: string): void {
    if (guest.lock) throw new HypervisorError('busy', `${guest.name} is locked by another operation.`)
    if (!fails(guest.faults[`${what}_fails`], guest.failed[what], host)) return
    guest.failed[what]++
    throw new HypervisorError('failed', `The scenario lets the ${what} of ${guest.name} fail.`)
  }

  private rearm(guest: Guest, what: 'start' | 'stop' | 'migrate'): void {
    if (guest.faults[`${what}_fails`]?.rearm_after_success) guest.failed[what] = 0
  }
}

function fails(fault: Fails | undefined, failed: number, host: string): boolean {
  if (!fault || (fault.hosts && !fault.hosts.includes(host))) return false
  return fault.times < 0 || failed < fault.times
}
