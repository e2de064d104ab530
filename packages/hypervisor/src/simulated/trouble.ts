import type { SimulatedDatacenter } from './datacenter'
import { type Gate, isActive, type SimulatedDomain, type SimulatedHost } from './parts'

/** As libvirt's adapter says it of a guest that QEMU paused because a write failed. */
export const diskFailed = 'a disk failed'

/** The whole host stands still: its guests, its hypervisor, its kernel. Its memory and its open disks stay as they are. */
export function freeze(datacenter: SimulatedDatacenter, name: string): void {
  const host = datacenter.host(name)
  if (!host.on || host.frozen) return
  host.frozen = gate()
  for (const domain of host.domains.values()) datacenter.count(host, domain)
}

/** It goes on as if no time had passed. */
export function thaw(datacenter: SimulatedDatacenter, name: string): void {
  const host = datacenter.host(name)
  const { frozen } = host
  if (!frozen) return
  host.frozen = null
  frozen.open()
  for (const domain of host.domains.values()) {
    datacenter.count(host, domain)
    datacenter.changed(host, domain.uuid)
  }
}

/**
 * A host loses a datastore. `failing`: every access is an error, and guests that write are paused for it; they stay so
 * until somebody resumes them. `hanging`: every access waits until it is plugged in again, as with a hard NFS mount.
 */
export function unplug(
  datacenter: SimulatedDatacenter,
  name: string,
  datastore: string,
  how: 'failing' | 'hanging',
): void {
  const host = datacenter.host(name)
  plug(datacenter, name, datastore)
  const trouble = { how, healed: gate() }
  host.storage.set(datastore, trouble)
  for (const domain of host.domains.values()) {
    if (!isActive(domain) || !uses(datacenter, host, domain, datastore)) continue
    datacenter.count(host, domain)
    if (how === 'failing') failSoon(datacenter, host, domain)
  }
}

export function plug(datacenter: SimulatedDatacenter, name: string, datastore: string): void {
  const host = datacenter.host(name)
  const trouble = host.storage.get(datastore)
  if (!trouble) return
  host.storage.delete(datastore)
  trouble.healed.open()
  for (const domain of host.domains.values()) datacenter.count(host, domain)
}

/** A guest whose disk fails writes within a moment, and is paused. */
export function failSoon(
  datacenter: SimulatedDatacenter,
  host: SimulatedHost,
  domain: SimulatedDomain,
): void {
  const { guest } = domain
  datacenter.clock.setTimer(datacenter.latency(host, 200, 1_500), () => {
    if (domain.guest !== guest || domain.state !== 'running' || host.frozen) return
    if (troubleOf(datacenter, host, domain) !== 'failing') return
    domain.state = 'paused'
    domain.reason = diskFailed
    datacenter.observer?.diskFailed(domain.uuid)
    datacenter.count(host, domain)
    datacenter.changed(host, domain.uuid)
  })
}

/** The VM's process ends by itself, as QEMU does when it is killed. */
export function crash(datacenter: SimulatedDatacenter, name: string, uuid: string): boolean {
  const host = datacenter.host(name)
  const domain = host.domains.get(uuid)
  if (!host.on || host.frozen || !domain?.guest || domain.job !== 'none') return false
  datacenter.settle(host, domain)
  domain.guest = null
  domain.state = 'crashed'
  domain.reason = 'crashed'
  if (!domain.persistent) host.domains.delete(uuid)
  datacenter.changed(host, uuid)
  return true
}

/** What keeps the VM from its disks on this host, the worse first. */
export function troubleOf(
  datacenter: SimulatedDatacenter,
  host: SimulatedHost,
  domain: SimulatedDomain,
): 'failing' | 'hanging' | null {
  if (host.storage.size === 0) return null
  const found = [...host.storage]
    .filter(([uuid]) => uses(datacenter, host, domain, uuid))
    .map(([, { how }]) => how)
  if (found.includes('failing')) return 'failing'
  return found[0] ?? null
}

function uses(
  datacenter: SimulatedDatacenter,
  host: SimulatedHost,
  domain: SimulatedDomain,
  datastore: string,
): boolean {
  return domain.disks.some(({ path }) => datacenter.disks.datastoreAt(host, path)?.uuid === datastore)
}

/** Something to wait at until it opens. */
export function gate(): Gate {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}
