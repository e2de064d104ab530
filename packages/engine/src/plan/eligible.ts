import {
  type Host,
  isActive,
  type MigrationMethod,
  type Refusal,
  refOf,
  type Vm,
  type World,
} from '@drover/model'
import { checkOpen } from '../vm/place'
import { checkRoute } from '../vm/targets'
import { datastoreRef, hostOf, mountOf, networkRef } from '../world/find'

/**
 * `restart`: it runs nowhere and is started. `migrate`: it moves as it is, without being shut down. `anyhow`: it moves, shut
 * down for it if need be.
 */
export type Purpose = 'restart' | 'migrate' | 'anyhow'

/** Every reason, other than memory and rules, why a host could not run this VM. */
export function checkEligible(world: World, vm: Vm, host: Host, purpose: Purpose): Refusal[] {
  if (purpose === 'restart') return checkRestart(world, vm, host)
  const live: MigrationMethod[] = isActive(vm) ? ['live', 'live-with-disks'] : []
  const methods = isActive(vm) && purpose === 'migrate' ? live : [...live, 'cold' as const]
  const ways = methods.map((method) =>
    checkRoute(world, vm, host, method, null).refusals.filter(({ code }) => code !== 'memory_short'),
  )
  return ways.find((refusals) => refusals.length === 0) ?? ways[0]!
}

/** VMs for which `checkEligible` says the same of every host have the same key. */
export function eligibilityKey(vm: Vm, purpose: Purpose): string {
  const disks = vm.disks.map((disk) => disk.datastoreId)
  const networks = vm.nics.map((nic) => nic.networkId)
  const stray = (vm.strayDisks?.length ?? 0) > 0
  // How much room disks need depends on their size, which matters only where they move along.
  const sizes = purpose !== 'restart' ? vm.disks.map((disk) => disk.sizeBytes) : []
  return [purpose, vm.hostId, vm.power, vm.vcpus, disks, networks, sizes, stray].join('|')
}

function checkRestart(world: World, vm: Vm, host: Host): Refusal[] {
  const refusals = checkOpen(world, host)
  const { facts } = host
  if (facts && vm.vcpus > facts.cpu.cores)
    refusals.push({
      code: 'too_many_vcpus',
      vm: refOf(vm),
      host: refOf(host),
      vcpus: vm.vcpus,
      cores: facts.cpu.cores,
    })
  if (host.id === vm.hostId) return refusals
  const from = hostOf(world, vm.hostId)
  for (const path of vm.strayDisks ?? [])
    refusals.push({ code: 'disk_outside', vm: refOf(vm), host: refOf(from), path })
  const source = from.facts?.hypervisor.kind
  const target = facts?.hypervisor.kind
  if (source && target && source !== target)
    refusals.push({ code: 'hypervisor_differs', host: refOf(host), source, target })
  for (const id of new Set(vm.disks.map((disk) => disk.datastoreId)))
    if (mountOf(host, id) === undefined)
      refusals.push({ code: 'datastore_absent', host: refOf(host), datastore: datastoreRef(world, id) })
  for (const id of new Set(vm.nics.map((nic) => nic.networkId)))
    if (!host.networks.includes(id))
      refusals.push({ code: 'network_absent', host: refOf(host), network: networkRef(world, id) })
  return refusals
}
