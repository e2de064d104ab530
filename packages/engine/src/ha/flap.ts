import { type Host, type HostId, refOf } from '@drover/model'
import type { Changes } from '../world/changes'
import { put } from '../world/rows'

/** As many losses as a host remembers. */
const remembered = 20

/** The host with one more loss to its name. Only losses of its own count, not those it shares with a whole storm. */
export function countLoss(host: Host, now: number): Host {
  return { ...host, lostAt: [...host.lostAt, now].slice(-remembered) }
}

/** Losses that count now. */
export function lossesOf(host: Host, windowMs: number, now: number): number {
  return host.lostAt.filter((at) => now - at < windowMs).length
}

/**
 * Whether a host that is back has been lost so often that it gets no VMs for a while: a host that comes and goes costs its
 * VMs a restart each time.
 */
export function quarantineIfFlapping(changes: Changes, hostId: HostId): void {
  const host = changes.get('host', hostId)
  const flap = host && changes.world.tables.cluster.get(host.clusterId)?.ha.flap
  if (!host || !flap || flap.times <= 0) return
  const times = lossesOf(host, flap.windowMs, changes.now)
  if (times < flap.times) return
  const until = changes.now + flap.quarantineMs
  if (host.quarantinedUntil !== null && host.quarantinedUntil >= until) return
  changes.say({ kind: 'host.quarantined', host: refOf(host), until, times }, [
    put('host', { ...host, quarantinedUntil: until }),
  ])
}

/** Ends a quarantine; the losses that led to it are forgotten. */
export function endQuarantine(changes: Changes, host: Host): void {
  changes.say({ kind: 'host.quarantined', host: refOf(host), until: null, times: host.lostAt.length }, [
    put('host', { ...host, quarantinedUntil: null, lostAt: [] }),
  ])
}
