import { ProtocolError } from '../errors'
import { type Call, type CallOptions, procedure } from '../protocol/procedure'
import { domain } from '../protocol/wire'
import { type Codec, decode, int, nothing, option, struct } from '../xdr/codec'
import { EVENTS, type EventName, type EventOf } from './table'

const P = {
  register: procedure(
    316,
    'register for events',
    struct({ eventId: int, domain: option(domain) }),
    struct({ callbackId: int }),
  ),
  deregister: procedure(317, 'deregister from events', struct({ callbackId: int }), nothing),
}

const BY_PROCEDURE = new Map(
  Object.entries(EVENTS).map(([name, { procedure, codec }]) => [
    procedure,
    { name: name as EventName, codec: codec as Codec<EventOf<EventName>> },
  ]),
)

export type Listener<N extends EventName> = (event: EventOf<N>) => void

/** Who listens to what. libvirtd is told once for each kind of event, for all domains. */
export class Subscriptions {
  #listeners = new Map<EventName, Set<Listener<EventName>>>()
  #registered = new Map<EventName, Promise<number>>()

  constructor(private readonly call: Call) {}

  /** Resolves once libvirtd sends these events: what happens from then on is not missed. */
  async add<N extends EventName>(
    name: N,
    listener: Listener<N>,
    options?: CallOptions,
  ): Promise<() => Promise<void>> {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners)
    // A wrapper, so that one function added twice is two listeners.
    const own: Listener<EventName> = (event) => listener(event as EventOf<N>)
    listeners.add(own)
    let registration = this.#registered.get(name)
    if (!registration) {
      registration = this.call(P.register, { eventId: EVENTS[name].id, domain: null }, options).then(
        (answer) => answer.callbackId,
      )
      this.#registered.set(name, registration)
    }
    try {
      await registration
    } catch (error) {
      listeners.delete(own)
      if (this.#registered.get(name) === registration) this.#registered.delete(name)
      throw error
    }
    return () => this.#remove(name, own, options)
  }

  /** Tells the listeners. Throws ProtocolError when the message cannot be decoded. */
  deliver(procedureNumber: number, payload: Buffer): void {
    const kind = BY_PROCEDURE.get(procedureNumber)
    if (!kind) return
    let event: EventOf<EventName>
    try {
      event = decode(kind.codec, payload)
    } catch (error) {
      throw new ProtocolError(`undecodable event "${kind.name}"`, { cause: error })
    }
    for (const listener of [...(this.#listeners.get(kind.name) ?? [])]) {
      try {
        listener(event)
      } catch (error) {
        // The listener's fault must not look like the connection's: let it surface as an uncaught exception.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  async #remove(name: EventName, own: Listener<EventName>, options?: CallOptions): Promise<void> {
    const listeners = this.#listeners.get(name)
    const registration = this.#registered.get(name)
    if (!listeners?.delete(own) || listeners.size > 0 || !registration) return
    this.#registered.delete(name)
    await this.call(P.deregister, { callbackId: await registration }, options)
  }
}
