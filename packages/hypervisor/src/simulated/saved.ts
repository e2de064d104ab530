import type { Clock } from '../clock'
import { SimulatedDatacenter } from './datacenter'
import type { HostDescription } from './description'
import type { LoadProfile } from './load'
import type { DiskFile, SimulatedDatastore, SimulatedDomain } from './parts'

/** A data centre at rest, as JSON. */
export interface SavedDatacenter {
  version: 1
  seed: number
  datastores: (Omit<SimulatedDatastore, 'files' | 'beats'> & { files: [string, DiskFile][] })[]
  hosts: { is: HostDescription; on: boolean; life?: number; domains: SimulatedDomain[] }[]
  profiles: [string, LoadProfile][]
}

/** Everything that outlives the process. What moves right now is saved as if it had not begun to. */
export function save(datacenter: SimulatedDatacenter): SavedDatacenter {
  for (const host of datacenter.hosts.values()) {
    for (const domain of host.domains.values()) datacenter.settle(host, domain)
  }
  return {
    version: 1,
    seed: datacenter.seed,
    datastores: [...datacenter.disks.datastores.values()].map(({ beats, ...d }) => ({
      ...d,
      files: [...d.files],
    })),
    hosts: [...datacenter.hosts.values()].map(({ is, on, life, domains }) => ({
      is,
      on,
      life,
      domains: [...domains.values()]
        .filter((domain) => domain.guest || domain.state !== 'incoming')
        .filter((domain) => domain.guest || datacenter.activeOn(domain.uuid).length === 0)
        .map((domain) => ({ ...domain })),
    })),
    profiles: [...datacenter.profiles],
  }
}

/** The data centre as it was; its guests go on counting from where they stood. */
export function restore(saved: SavedDatacenter, clock: Clock): SimulatedDatacenter {
  const copy = structuredClone(saved)
  const datacenter = new SimulatedDatacenter(clock, copy.seed)
  for (const { files, ...datastore } of copy.datastores) {
    datacenter.disks.datastores.set(datastore.uuid, { ...datastore, files: new Map(files), beats: new Map() })
  }
  for (const { is, on, life = 1, domains } of copy.hosts) {
    const host = datacenter.addHost(is)
    host.on = on
    host.life = life
    for (const domain of domains) host.domains.set(domain.uuid, wake(domain, clock.now()))
  }
  for (const [uuid, profile] of copy.profiles) datacenter.profiles.set(uuid, profile)
  return datacenter
}

function wake(domain: SimulatedDomain, now: number): SimulatedDomain {
  const { guest } = domain
  if (!guest) return { ...domain, job: 'none' }
  const interrupted = domain.reason === 'migration'
  const state = interrupted ? 'running' : domain.state
  const countingSince = state === 'running' ? now : null
  return {
    ...domain,
    state,
    reason: interrupted ? null : domain.reason,
    persistent: true,
    job: 'none',
    guest: { ...guest, countingSince, bootedAt: Math.min(guest.bootedAt, now) },
  }
}
