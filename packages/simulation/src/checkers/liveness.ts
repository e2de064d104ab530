import { type Cluster, isActive, type Vm } from '@drover/model'
import type { Checker, Scene } from './checker'

/** What should run, runs. */
export function liveness(): Checker {
  return {
    name: 'what should run, runs',
    holds:
      'At rest every VM that somebody wants running and that is looked after runs, unless it was given up with an error or there is no room for it.',
    atRest(scene) {
      const { ledger, truth } = scene
      return [...ledger.folded.vm.values()].flatMap((vm) => {
        const cluster = ledger.folded.cluster.get(vm.clusterId)
        if (cluster?.ha.mode !== 'armed') return []
        if (vm.desired !== 'running' || vm.ha.restart === 'none' || vm.recovery?.state === 'error') return []
        if (truth.activeOn(vm.uuid).length > 0) return []
        // It was shut down together with its host, and waits for that to be brought back into service by a person.
        if (ledger.folded.host.get(vm.hostId)?.held) return []
        const hosts = places(scene, cluster, vm)
        if (hosts.length === 0) return []
        const why = `${JSON.stringify(vm.recovery)}, power ${vm.power}`
        return [`${vm.name} should run and does not, although ${hosts.join(', ')} could: ${why}`]
      })
    },
  }
}

/** Hosts with room and its disks that no strict rule speaks against. Soft on purpose: rules between VMs excuse. */
function places({ ledger, truth }: Scene, cluster: Cluster, vm: Vm): string[] {
  const strict = [...ledger.folded.rule.values()].filter(
    (rule) => rule.strict && rule.enabled && rule.vmIds.includes(vm.id),
  )
  if (strict.some(({ kind }) => kind === 'vm-vm')) return []
  return [...ledger.folded.host.values()].flatMap((host) => {
    const is = truth.hosts.get(host.name)
    if (!is || host.clusterId !== cluster.id || host.state !== 'connected' || host.mode !== 'normal')
      return []
    if (host.quarantinedUntil !== null) return []
    const sees = vm.disks.every(({ datastoreId }) =>
      host.datastores.some((mount) => mount.datastoreId === datastoreId),
    )
    const allowed = strict.every(({ relation, hosts }) => {
      const listed = hosts.some(({ hostId }) => hostId === host.id)
      return relation === 'on' ? listed : !listed
    })
    const rows = [...ledger.folded.vm.values()].filter((other) => other.hostId === host.id && isActive(other))
    const used = rows.reduce((sum, row) => sum + row.memoryBytes, 0)
    const free = is.is.memoryBytes - is.is.reservedMemoryBytes - used
    return sees && allowed && free >= vm.memoryBytes ? [host.name] : []
  })
}
