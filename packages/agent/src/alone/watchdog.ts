/** A hypervisor that restarts or is busy is silent for a while. */
const hypervisorMs = 15_000

/**
 * Whether the watchdog is fed: not once the lease is over, and not while this host is alone with a hypervisor that does not
 * answer, for then nobody could stop its VMs. A hypervisor that is silent while control is there is no reason to reset a
 * host whose VMs run: control sees it, and somebody may look.
 */
export function feeds(now: { over: boolean; alone: boolean; hypervisorSilentMs: number }): boolean {
  if (now.over) return false
  return !(now.alone && now.hypervisorSilentMs > hypervisorMs)
}
