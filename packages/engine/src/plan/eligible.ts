import {
  type Host,
  isActive,
  type MigrationMethod,
  type Refusal,
  refOf,
  type Vm,
  type World,
} from '@drover/model'
import { checkRoute } from '../vm/targets'
import { datastoreRef, hostRef, mountOf, networkRef } from '../world/find'
import { checkStorage } from '../world/storage'

/**
 * `restart`: it runs nowhere and is started. `migrate`: it moves as it is, without being shut down. `anyhow`: it moves, shut
 * down for it if need be.
 */
export type Purpose = 'restart' | 'migrate' | 'anyhow'

/** Every reason, other than memory, rules and the host taking no VMs at all, why a host could not run this VM. */
export function checkEligible(world: World, vm: Vm, host: Host, purpose: Purpose): Refusal[] {
  if (purpose === 'restart') return checkRestart(world, vm, host)
  const live: MigrationMethod[] = isActive(vm) ? ['live', 'live-with-disks'] : []
  const methods = isActive(vm) && purpose === 'migrate' ? live : [...live, 'cold' as const]
  const ways = methods.map((method) =>
    checkRoute(world, vm, host, method, null).refusals.filter(
      ({ code }) => code !== 'memory_short' && code !== 'rule_forbids',
    ),
  )
  return ways.find((refusals) => refusals.length === 0) ?? ways[0]!
}

/** VMs for which `checkEligible` says the same of every host have the same key. */
export function eligibilityKey(world: World, vm: Vm, purpose: Purpose): string {
  const disks = vm.disks.map((disk) => disk.datastoreId)
  const networks = vm.nics.map((nic) => nic.networkId)
  const needs = [purpose, vm.vcpus, disks, networks]
  const bound = vm.strayDisks?.length ? vm.hostId : ''
  if (purpose === 'restart') return [...needs, kindOf(world, vm), bound].join('|')
  // How much room disks need matters only where they move along; what the source's CPU has, only while it runs.
  return [...needs, vm.hostId, vm.power, vm.disks.map((disk) => disk.sizeBytes), bound, vm.bound].join('|')
}

function kindOf(world: World, vm: Vm): string | undefined {
  return world.tables.host.get(vm.hostId)?.facts?.hypervisor.kind
}

function checkRestart(world: World, vm: Vm, host: Host): Refusal[] {
  const refusals: Refusal[] = []
  const { facts } = host
  if (facts && vm.vcpus > facts.cpu.cores) {
    const { cores } = facts.cpu
    refusals.push({ code: 'too_many_vcpus', vm: refOf(vm), host: refOf(host), vcpus: vm.vcpus, cores })
  }
  if (host.id !== vm.hostId)
    for (const path of vm.strayDisks ?? [])
      refusals.push({ code: 'disk_outside', vm: refOf(vm), host: hostRef(world, vm.hostId), path })
  const source = kindOf(world, vm)
  const target = facts?.hypervisor.kind
  if (source && target && source !== target)
    refusals.push({ code: 'hypervisor_differs', host: refOf(host), source, target })
  for (const id of new Set(vm.disks.map((disk) => disk.datastoreId)))
    if (mountOf(host, id) === undefined)
      refusals.push({ code: 'datastore_absent', host: refOf(host), datastore: datastoreRef(world, id) })
    else refusals.push(...checkStorage(world, host, id))
  for (const id of new Set(vm.nics.map((nic) => nic.networkId)))
    if (!host.networks.includes(id))
      refusals.push({ code: 'network_absent', host: refOf(host), network: networkRef(world, id) })
  return refusals
}
