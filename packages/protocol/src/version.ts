/** The wire's version. Control accepts this and `oldestProtocol` on; anything else is refused with both numbers. */
export const protocolVersion = 2
export const oldestProtocol = 2

/** Larger messages close the line: a full report of 200 VMs is about 300 kB, their definitions are asked one by one. */
export const maxMessageBytes = 4 * 1024 * 1024

export const heartbeatMs = 1_000
/** Full state at least this often, changed or not. */
export const reportMs = 60_000
