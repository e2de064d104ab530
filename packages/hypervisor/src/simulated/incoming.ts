import { HypervisorError, type MigrateRequest } from '../port'
import type { SimulatedDatacenter } from './datacenter'
import { isActive, type SimulatedDomain, type SimulatedHost } from './parts'

/** The target's side of a migration, before anything has arrived. Throws whatever speaks against it. */
export function prepareIncoming(
  datacenter: SimulatedDatacenter,
  source: SimulatedHost,
  domain: SimulatedDomain,
  target: SimulatedHost,
  request: MigrateRequest,
): SimulatedDomain {
  const there = target.domains.get(domain.uuid)
  if (there && isActive(there)) {
    throw new HypervisorError('already_exists', `${target.is.name} runs ${domain.name} already.`)
  }
  const free = datacenter.freeMemory(target)
  if (free < domain.memoryBytes) {
    const needed = `${domain.name} needs ${domain.memoryBytes} bytes of memory`
    throw new HypervisorError('no_memory', `${needed}; ${target.is.name} has ${free} free.`)
  }
  const missing = domain.nics.find((nic) => !target.is.networks.includes(nic.network))
  if (missing) throw new HypervisorError('failed', `${target.is.name} has no network ${missing.network}.`)
  const { disks } = datacenter
  for (const { path } of domain.disks) {
    const moved = request.disks.find((disk) => disk.sourcePath === path)
    if (!moved && disks.find(target, path) !== disks.get(source, path)) {
      throw new HypervisorError('not_found', `${target.is.name} cannot see ${path}.`)
    }
    if (moved) disks.get(target, moved.targetPath)
  }
  return {
    ...domain,
    disks: domain.disks.map((disk) => ({
      ...disk,
      path: request.disks.find((d) => d.sourcePath === disk.path)?.targetPath ?? disk.path,
    })),
    state: 'incoming',
    reason: null,
    persistent: false,
    job: 'migration-in',
    guest: null,
  }
}
