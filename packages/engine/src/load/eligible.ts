import type { Host, Refusal, Vm, World } from '@drover/model'
import { checkEligible } from '../plan/eligible'
import { checkRoute } from '../vm/targets'

/** Hosts (by index) that could run a VM, whether or not they take VMs now; null: all. */
export type Eligible = (vm: Vm, purpose: 'migrate' | 'restart') => number[] | null

/** These are about the moment, or judged elsewhere. */
const passing = new Set<Refusal['code']>([
  'memory_short',
  'rule_forbids',
  'already_there',
  'host_silent',
  'host_state',
  'host_fenced',
  'host_asleep',
  'host_maintenance',
  'host_quarantined',
  'host_unclean',
  'deleted_vms_run',
  'vm_power',
  'vm_bound',
])

/** Why a host could not run this VM, moved there as it is, that will not pass by itself. */
export function unfit(world: World, vm: Vm, host: Host, purpose: 'migrate' | 'restart'): Refusal[] {
  const refusals =
    purpose === 'restart'
      ? checkEligible(world, vm, host, 'restart')
      : checkRoute(world, vm, host, 'live', null).refusals
  return refusals.filter(({ code }) => !passing.has(code))
}

/** Worked out once for VMs that are alike in all that matters. */
export function eligibility(world: World, hosts: readonly Host[]): Eligible {
  const shared = new Map<string, number[] | null>()
  const machines = new Map(hosts.map((host) => [host.id, machineOf(host)]))
  return (vm, purpose) => {
    const disks = vm.disks.map(({ datastoreId }) => datastoreId)
    const networks = vm.nics.map(({ networkId }) => networkId)
    const stray = vm.strayDisks?.length ? vm.hostId : ''
    const key = [purpose, vm.vcpus, disks, networks, machines.get(vm.hostId), stray].join('|')
    let found = shared.get(key)
    if (found === undefined) {
      found = [...hosts.keys()].filter((i) => unfit(world, vm, hosts[i]!, purpose).length === 0)
      if (found.length === hosts.length) found = null
      shared.set(key, found)
    }
    return found
  }
}

/** Hosts of one kind let their VMs go to the same places. */
function machineOf({ facts }: Host): string {
  if (!facts) return ''
  const { hypervisor, cpu } = facts
  return [hypervisor.kind, hypervisor.accelerator, cpu.vendor, [...cpu.features].sort()].join(' ')
}
