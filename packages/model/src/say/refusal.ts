import type { Refusal } from '../refusal/refusal'
import { assertNever } from '../state'
import { sayBytes, sayCount, sayList } from './quantity'

const powers: Record<string, string> = {
  off: 'off',
  running: 'running',
  paused: 'suspended',
  crashed: 'crashed',
  missing: 'missing',
}

function power(name: string): string {
  return powers[name] ?? name
}

/** A reason against, as a sentence with object, state and remedy. */
export function sayRefusal(refusal: Refusal): string {
  switch (refusal.code) {
    case 'not_found':
      return `There is no ${refusal.noun} "${refusal.id}". It may have been deleted; the event history says when.`
    case 'name_taken':
      return `There is already a ${refusal.noun} named ${refusal.name}. Choose another name.`
    case 'invalid':
      return `${refusal.field}: ${refusal.problem}. ${refusal.remedy}`
    case 'forbidden':
      return `Your role is ${refusal.role}; this needs ${refusal.needs}. Ask an admin.`
    case 'database_away':
      return 'The database cannot be reached, so nothing can be changed now. Running VMs are not affected; try again when it is back.'
    case 'not_leading':
      return 'This control daemon is a standby. Ask the leading one.'
    case 'vm_power':
      return `${refusal.vm.name} is ${power(refusal.is)}; it has to be ${sayList(refusal.needs.map(power), 'or')}.`
    case 'vm_busy':
      return `${refusal.vm.name} is busy: ${refusal.doing}, asked by ${refusal.by}. Wait for it or cancel it.`
    case 'vm_missing':
      return `${refusal.host.name} no longer has ${refusal.vm.name}. Find out who removed it; delete it here when it is gone for good.`
    case 'host_silent':
      return `${refusal.host.name} does not answer. Check the machine and its agent.`
    case 'host_maintenance':
      return `${refusal.host.name} is in maintenance${refusal.reason ? ` (${refusal.reason})` : ''}. End its maintenance or choose another host.`
    case 'host_not_empty':
      return `${refusal.host.name} still holds ${sayCount(refusal.vms.length, 'VM')} (${sayList(refusal.vms.map((vm) => vm.name))}). Migrate or shut down first.`
    case 'host_busy': {
      const remedy = refusal.silent
        ? 'It does not answer: wait for it, or give them up.'
        : 'Wait for it or cancel it.'
      return `${refusal.host.name} has work under way: ${sayList(refusal.tasks.map((task) => task.name))}. ${remedy}`
    }
    case 'already_there':
      return `${refusal.vm.name} is on ${refusal.host.name} already.`
    case 'other_cluster':
      return `${refusal.host.name} is in another cluster than ${refusal.vm.name}.`
    case 'memory_short':
      return `${refusal.host.name} cannot take ${refusal.vm.name}: ${sayBytes(refusal.neededBytes - refusal.freeBytes)} of memory short (needs ${sayBytes(refusal.neededBytes)}, ${sayBytes(Math.max(0, refusal.freeBytes))} free). Free memory there or choose another host.`
    case 'too_many_vcpus':
      return `${refusal.host.name} has ${sayCount(refusal.cores, 'core')}; ${refusal.vm.name} needs ${refusal.vcpus}. Choose a larger host or give it fewer vCPUs.`
    case 'datastore_absent':
      return `${refusal.host.name} does not have the datastore ${refusal.datastore.name}. Migrate with the disks, or mount it there.`
    case 'datastore_short':
      return `${refusal.datastore.name} has ${sayBytes(refusal.freeBytes)} free; ${sayBytes(refusal.neededBytes)} are needed. Free space or choose another datastore.`
    case 'no_datastore_for_disks':
      return `${refusal.host.name} has no datastore with ${sayBytes(refusal.neededBytes)} free for the disks of ${refusal.vm.name}.`
    case 'disk_outside':
      return `The disk ${refusal.path} of ${refusal.vm.name} is on no datastore that ${refusal.host.name} reports. Move it onto one, or add its folder to the agent's datastores.`
    case 'vm_twice':
      return `${refusal.vm.name} was seen running on ${sayList(refusal.hosts.map((host) => host.name))} at once. Stop all but one at the hypervisor.`
    case 'disks_shared':
      return `Every disk of ${refusal.vm.name} is on storage that ${refusal.host.name} has as well. Migrate it live without its disks.`
    case 'network_absent':
      return `${refusal.host.name} is not on the network ${refusal.network.name}. Connect it or choose another host.`
    case 'cpu_model':
      return refusal.missing.length > 0
        ? `The CPU of ${refusal.host.name} (${refusal.targetModel}) lacks ${sayCount(refusal.missing.length, 'feature')} that ${refusal.vm.name} may be using: ${sayList(refusal.missing.slice(0, 6))}${refusal.missing.length > 6 ? ', …' : ''}. Migrate cold instead.`
        : `The CPU of ${refusal.host.name} (${refusal.targetModel}) differs from that of its host (${refusal.sourceModel}). Migrate cold instead.`
    case 'hypervisor_differs':
      return `${refusal.host.name} runs ${refusal.target}, the VM's host ${refusal.source}; nothing can move between them.`
    case 'task_ended':
      return `"${refusal.task.name}" has ended already (${refusal.state}).`
    case 'not_cancellable':
      return `"${refusal.task.name}" cannot be cancelled: ${refusal.why}.`
    case 'not_given_up':
      return `"${refusal.task.name}" waits for no silent host, so it is not given up. Wait for it or cancel it.`
    case 'no_host_fits':
      return `No host can take ${refusal.vm.name}. ${refusal.hosts.map((h) => h.refusals.map(sayRefusal).join(' ')).join(' ')}`
    case 'not_empty':
      return `${refusal.object.name} still holds ${refusal.holds}. Remove them first.`
    case 'confirm_name':
      return `To confirm, type the name of the ${refusal.noun}: ${refusal.name}.`
    default:
      return assertNever(refusal)
  }
}

/** All reasons, one sentence after the other. */
export function sayRefusals(refusals: readonly Refusal[]): string {
  return refusals.map(sayRefusal).join(' ')
}
