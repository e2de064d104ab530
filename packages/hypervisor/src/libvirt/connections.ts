import { type Connection, connect, DeadlineError } from '@drover/libvirt'
import type { Clock } from '../clock'
import { toHypervisorError } from './errors'

const retryMs = 1_000

/**
 * A connection that is kept open, and others of one call each. libvirtd takes few calls of a connection at once, and a call
 * that needs a domain which is busy, or whose QEMU hangs, is answered late or never: what may have to wait must not share a
 * connection with what may not.
 */
export class Connections {
  private opening: Promise<Connection> | null = null
  private readonly others = new Set<Connection>()
  private cancelRetry = () => {}
  private closed = false

  constructor(
    private readonly socketPath: string,
    private readonly clock: Clock,
    /** Called with each new connection before anyone uses it. */
    private readonly prepare: (connection: Connection) => Promise<void> = async () => {},
  ) {}

  /** Rejects with `unreachable` when libvirt does not answer. */
  get(): Promise<Connection> {
    if (this.closed) return Promise.reject(toHypervisorError(new Error('the adapter is closed')))
    if (this.opening) return this.opening
    const opening = this.open()
    this.opening = opening
    const gone = () => {
      if (this.opening !== opening) return
      this.opening = null
      this.retry()
    }
    return opening.then(
      (connection) => {
        connection.closed.then(gone)
        return connection
      },
      (error) => {
        gone()
        throw toHypervisorError(error)
      },
    )
  }

  /** The kept connection, for questions that may stay unanswered: such a one would keep its place on the wire for ever. */
  async use<T>(act: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.get()
    try {
      return await act(connection)
    } catch (error) {
      if (error instanceof DeadlineError) connection.abort(error.message)
      throw error
    }
  }

  /** A connection of its own for the time of `use`. */
  async apart<T>(use: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await connect({ socketPath: this.socketPath }).catch((error) => {
      throw toHypervisorError(error)
    })
    this.others.add(connection)
    try {
      return await use(connection)
    } finally {
      this.others.delete(connection)
      await connection.close()
    }
  }

  async close(): Promise<void> {
    this.closed = true
    this.cancelRetry()
    for (const connection of this.others) connection.abort('the agent stops')
    const connection = await this.opening?.catch(() => null)
    await connection?.close()
  }

  private async open(): Promise<Connection> {
    const connection = await connect({ socketPath: this.socketPath })
    try {
      await this.prepare(connection)
    } catch (error) {
      connection.abort('it could not be prepared')
      throw error
    }
    return connection
  }

  /** Events only come over an open connection, whether or not anybody asks something. */
  private retry(): void {
    if (this.closed) return
    this.cancelRetry()
    this.cancelRetry = this.clock.setTimer(retryMs, () => {
      this.get().catch(() => {})
    })
  }
}
