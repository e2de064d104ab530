import type { ErrorCodeName } from './protocol/error-codes'

/** Bytes that are not XDR of the expected shape, or a value that XDR cannot carry. */
export class XdrError extends Error {
  override name = 'XdrError'
}

/** The other side broke the RPC protocol: bad frame, undecodable reply, unknown message. */
export class ProtocolError extends Error {
  override name = 'ProtocolError'
}

/** The connection ended (closed, aborted, lost, declared dead) before the call was answered. */
export class ConnectionClosedError extends Error {
  override name = 'ConnectionClosedError'
}

/**
 * No answer within the deadline. The call was given up, not undone: libvirtd may still carry it out, so look
 * at the state of the object before doing it again.
 */
export class DeadlineError extends Error {
  override name = 'DeadlineError'
  constructor(
    readonly procedure: string,
    readonly deadlineMs: number,
  ) {
    super(`libvirt did not answer "${procedure}" within ${deadlineMs} ms`)
  }
}

/** What libvirtd answered instead of a result. */
export class LibvirtError extends Error {
  override name = 'LibvirtError'
  /** virErrorNumber as a number; `codeName` has the name for it. */
  readonly code: number
  /** For example `no_domain`; `unknown` for a code newer than this package. */
  readonly codeName: ErrorCodeName | 'unknown'
  /** virErrorDomain: which part of libvirt raised it (10 = QEMU, 18 = storage, ...). */
  readonly domain: number
  readonly level: 'none' | 'warning' | 'error'
  /** The call that failed. */
  readonly procedure: string

  constructor(fields: {
    code: number
    codeName: ErrorCodeName | 'unknown'
    domain: number
    level: number
    message: string
    procedure: string
  }) {
    super(fields.message)
    this.code = fields.code
    this.codeName = fields.codeName
    this.domain = fields.domain
    this.level = fields.level === 2 ? 'error' : fields.level === 1 ? 'warning' : 'none'
    this.procedure = fields.procedure
  }
}

/** True when `error` came from libvirtd, with one of these codes if any are given. */
export function isLibvirtError(error: unknown, ...codes: ErrorCodeName[]): error is LibvirtError {
  return (
    error instanceof LibvirtError && (codes.length === 0 || codes.includes(error.codeName as ErrorCodeName))
  )
}
