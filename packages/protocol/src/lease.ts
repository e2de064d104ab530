/**
 * How long after the end of its lease a host may still run something: until the agent has seen that it is over (1 s, or a
 * grace of 5 s when it has just been started), the hypervisor has killed what would not die (10 s) or the watchdog has
 * reset the host (at most as long), and a little for two clocks of which one goes wrong by a thousandth.
 */
export function selfFenceMarginMs(leaseMs: number): number {
  return agentGraceMs + killMs + Math.ceil(leaseMs / 1_000) + 2_000
}

/** A host that was last in contact (with control or on a shared datastore) at `contactAt` runs nothing from then on. */
export function selfFencedAt(contactAt: number, leaseMs: number): number {
  return contactAt + leaseMs + selfFenceMarginMs(leaseMs)
}

/** An agent that has just started tries to find somebody for this long before it believes that it is alone. */
export const agentGraceMs = 5_000
/** From the order to stop everything hard until nothing runs; a watchdog resets within this. */
export const killMs = 10_000
/** Without `heard` for this long an agent says in its heartbeats on datastores that it is alone. */
export const aloneMs = 3_000
/** A heartbeat on a datastore that a reader has found unchanged for so long stands still: by then it should have moved twice. */
export const stillMs = 2_500

/** Why a VM is off that its own agent stopped, as the reason of its state says it: nobody wanted it off. */
export const stoppedAlone = {
  selfFence: 'its host had lost control and storage, and stopped it',
  isolation: 'its host was cut off from control, and stopped it',
} as const

/** Whether a reason is one of those. */
export function isStoppedAlone(reason: string | null): boolean {
  return reason === stoppedAlone.selfFence || reason === stoppedAlone.isolation
}
