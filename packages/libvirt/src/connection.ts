import { type DomainCalls, domainCalls } from './domain/calls'
import { type DeviceCalls, deviceCalls } from './domain/devices'
import { ConnectionClosedError } from './errors'
import { type Listener, Subscriptions } from './event/subscriptions'
import type { EventName } from './event/table'
import { type HostCalls, hostCalls } from './host/calls'
import { type MigrationCalls, migrationCalls } from './migration/calls'
import { type Call, type CallOptions, procedure } from './protocol/procedure'
import { optionalString } from './protocol/wire'
import { RpcClient } from './rpc/client'
import type { KeepAliveOptions } from './rpc/keepalive'
import { type Address, describeAddress, openSocket } from './rpc/socket'
import { type PoolCalls, poolCalls, type VolumeCalls, volumeCalls } from './storage/calls'
import { array, bool, int, nothing, struct, uint } from './xdr/codec'

const AUTH_NONE = 0
const FEATURE_KEEPALIVE = 10
const P = {
  open: procedure(1, 'open', struct({ uri: optionalString, flags: uint }), nothing),
  close: procedure(2, 'close', nothing, nothing),
  supportsFeature: procedure(60, 'supports feature', struct({ feature: int }), struct({ supported: bool })),
  authList: procedure(66, 'list authentication', nothing, struct({ types: array(int, 20) })),
}

export type ConnectOptions = Address & {
  /** Which driver to open; `qemu:///system` unless given. */
  uri?: string
  /** Deadline of connecting, and of every call that sets none: 10 s unless given. */
  deadlineMs?: number
  /** Ping a silent peer; every 5 s, dead after 5 without an answer, unless given. `false`: answer pings only. */
  keepAlive?: Partial<KeepAliveOptions> | false
  /** Calls on the wire at once. libvirtd reads nothing more, not even pings, at its `max_client_requests` of 5. */
  maxInFlight?: number
}

/** An open connection to a libvirtd. Calls are grouped by what they are about. */
export class Connection {
  readonly host: HostCalls
  readonly domain: DomainCalls & DeviceCalls
  readonly migration: MigrationCalls
  readonly pool: PoolCalls
  readonly volume: VolumeCalls
  /** Resolves when the connection has ended: undefined after `close()`, else why. Never rejects. */
  readonly closed: Promise<Error | undefined>
  readonly #rpc: RpcClient
  readonly #subscriptions: Subscriptions

  /** For `connect`. */
  constructor(rpc: RpcClient, subscriptions: Subscriptions) {
    this.#rpc = rpc
    this.#subscriptions = subscriptions
    this.closed = rpc.closed
    this.host = hostCalls(rpc.call)
    this.domain = { ...domainCalls(rpc.call), ...deviceCalls(rpc.call) }
    this.migration = migrationCalls(rpc.call)
    this.pool = poolCalls(rpc.call)
    this.volume = volumeCalls(rpc.call)
  }

  get isOpen(): boolean {
    return this.#rpc.isOpen
  }

  /** Any procedure, also one that has no method here: see `procedure` and the codecs. */
  get call(): Call {
    return this.#rpc.call
  }

  /**
   * Listens to events of all domains. Resolves once libvirtd sends them, with the function that stops it. Events
   * arrive in libvirtd's order; the listener is called with each at once and must not throw.
   */
  on<N extends EventName>(
    name: N,
    listener: Listener<N>,
    options?: CallOptions,
  ): Promise<() => Promise<void>> {
    return this.#subscriptions.add(name, listener, options)
  }

  /** Says goodbye, if the other side still answers, and ends the connection. Pending calls fail. */
  async close(): Promise<void> {
    if (!this.isOpen) return
    await this.#rpc.call(P.close, undefined, { deadlineMs: 1000 }).catch(() => undefined)
    this.#rpc.close()
  }

  /** Ends the connection at once: every pending call fails with ConnectionClosedError and this reason. */
  abort(reason = 'the connection was aborted'): void {
    this.#rpc.abort(reason)
  }
}

/**
 * Connects to libvirtd and opens its driver.
 * Rejects with ConnectionClosedError (no connection), DeadlineError (a frozen host accepts connections too), or
 * LibvirtError (the driver cannot be opened).
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { uri = 'qemu:///system', deadlineMs = 10_000, keepAlive = {}, maxInFlight = 4 } = options
  const where = `libvirtd at ${describeAddress(options)}`
  const stream = await openSocket(options, deadlineMs)
  const rpc = new RpcClient(stream, where, {
    deadlineMs,
    maxInFlight,
    onMessage: (number, payload) => subscriptions.deliver(number, payload),
  })
  const subscriptions = new Subscriptions(rpc.call)
  try {
    const { types } = await rpc.call(P.authList, undefined)
    if (!types.includes(AUTH_NONE)) {
      throw new ConnectionClosedError(
        `${where} asks for authentication, which this client does not know: set auth_unix_rw, auth_tcp or ` +
          'auth_tls to "none" in libvirtd.conf',
      )
    }
    // The question also tells libvirtd that we answer pings, so it starts to send its own.
    const { supported } = await rpc.call(P.supportsFeature, { feature: FEATURE_KEEPALIVE })
    await rpc.call(P.open, { uri, flags: 0 })
    if (supported && keepAlive) rpc.startKeepAlive({ intervalMs: 5000, count: 5, ...keepAlive })
  } catch (error) {
    rpc.abort('connecting failed')
    throw error
  }
  return new Connection(rpc, subscriptions)
}
