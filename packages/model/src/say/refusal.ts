import type { Refusal } from '../refusal/refusal'
import { assertNever } from '../state'
import { sayNoHost } from './no-host'
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
      return `${refusal.field}: ${refusal.problem}. ${refusal.remedy}`.trimEnd()
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
    case 'datastore_away':
      return `${refusal.host.name} cannot get at the datastore ${refusal.datastore.name} just now. Look at its paths to the storage, or choose another host.`
    case 'datastore_short':
      return `${refusal.datastore.name} has ${sayBytes(refusal.freeBytes)} free; ${sayBytes(refusal.neededBytes)} are needed. Free space or choose another datastore.`
    case 'no_datastore_for_disks':
      return `${refusal.host.name} has no datastore with ${sayBytes(refusal.neededBytes)} free for the disks of ${refusal.vm.name}.`
    case 'disk_outside':
      return `The disk ${refusal.path} of ${refusal.vm.name} is on no datastore that ${refusal.host.name} reports. Move it onto one, or add its folder to the agent's datastores.`
    case 'vm_twice':
      return `${refusal.vm.name} was seen running on ${sayList(refusal.hosts.map((host) => host.name))} at once. Stop all but one at the hypervisor.`
    case 'vm_bound':
      return `${refusal.vm.name} cannot be moved while it runs: it ${refusal.why}. Migrate it cold, or take that away.`
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
      return sayNoHost(refusal, sayRefusal)
    case 'not_empty':
      return `${refusal.object.name} still holds ${refusal.holds}. Remove them first.`
    case 'rule_forbids':
      return `${refusal.host.name} cannot take ${refusal.vm.name}: ${refusal.sentence} Change the rule "${refusal.rule.name}" or choose another host.`
    case 'rule_conflict':
      return `${refusal.sentence} ${refusal.remedy}`
    case 'failover_short':
      return refusal.sentence
    case 'host_fenced':
      return `${refusal.host.name} is fenced: it is off. Power it on first.`
    case 'host_heard':
      return `${refusal.host.name} is not off: its agent is heard. If it was switched off just now, try again in a few seconds; to get its VMs off it, put it into maintenance; to cut it off whatever runs there, fence it.`
    case 'host_asleep':
      return `${refusal.host.name} is asleep to save power. Wake it first.`
    case 'host_not_proven':
      return `${refusal.host.name} is ${refusal.state}; nothing proves that it is off, so nothing of it may start elsewhere. Fence it, or confirm that it is off once you have seen it.`
    case 'host_state':
      return `${refusal.host.name} is ${refusal.is}; it has to be ${sayList(refusal.needs, 'or')}.`
    case 'host_quarantined':
      return `${refusal.host.name} was lost too often and gets no VMs for now. End its quarantine when it is sound.`
    case 'host_unclean':
      return `${refusal.host.name} still has to give up ${sayList(refusal.vms.map((vm) => vm.name))}, which ${refusal.vms.length === 1 ? 'lives elsewhere now or was' : 'live elsewhere now or were'} deleted. It is cleaned by itself; wait a moment.`
    case 'deleted_vms_run':
      return sayGhosts(refusal)
    case 'host_task':
      return `${refusal.host.name} is busy: ${refusal.task.name}, asked by ${refusal.by}. Wait for it or cancel it.`
    case 'no_fence_device':
      return `${refusal.host.name} has no fence device. Add one, or confirm by hand that it is off.`
    case 'fence_failed':
      return `${refusal.device.name} could not switch ${refusal.host.name} off: ${refusal.message}`
    case 'fence_in_use':
      return `${refusal.device.name} cannot be changed now: an attempt to fence ${refusal.host.name} runs. It can be once the attempt has ended, also before the next one begins; try again in a moment.`
    case 'storm':
      return `${refusal.silent.length} of ${refusal.of} hosts of ${refusal.cluster.name} are silent at once (${sayList(refusal.silent.map((host) => host.name))}): the trouble is likely on this side, so nobody is fenced. Check the management network; fence by hand what is really dead.`
    case 'ha_disarmed':
      return `High availability of ${refusal.cluster.name} is disarmed${refusal.by ? ` by ${refusal.by}` : ''}. Arm it again.`
    case 'start_failed':
      return `${refusal.host.name} could not start ${refusal.vm.name}: ${/[.!?]$/.test(refusal.cause) ? refusal.cause : `${refusal.cause}.`} It is tried again.`
    case 'host_held':
      return `${refusal.vm.name} was shut down together with ${refusal.host.name} and waits for it. Bring ${refusal.host.name} back into service.`
    case 'start_limit':
      return `${refusal.vm.name} failed to start ${sayCount(refusal.times, 'time')}, last: ${refusal.last} Mend that and power it on.`
    case 'tier_waits':
      return `${refusal.vm.name} (tier ${refusal.tier}) waits for ${sayList(refusal.vms.map((vm) => vm.name))} to be ready.`
    case 'starts_at_once':
      return `${refusal.host.name} starts ${refusal.limit} VMs already; the next one waits for its turn.`
    case 'changed_since':
      return `Somebody changed ${refusal.what} meanwhile: it is of version ${refusal.is}, and you looked at version ${refusal.seen}. Look at it as it is now, then make your change.`
    case 'not_now':
      return `${refusal.problem}. ${refusal.remedy}`
    case 'plan_changed':
      return `Since the plan for ${refusal.host.name} was made, something changed: ${sayList(refusal.what)}. Look at the new plan.`
    case 'blockers':
      return `${refusal.host.name} cannot be emptied: ${refusal.vms.map(({ vm, refusals }) => `${vm.name}: ${sayRefusals(refusals)}`).join(' ')}`
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

function sayGhosts({ host, vms }: Refusal & { code: 'deleted_vms_run' }): string {
  const [it, was] = vms.length === 1 ? ['it', 'was'] : ['them', 'were']
  return `${host.name} runs ${sayList(vms.map(({ name }) => name))}, which ${was} deleted while it could not be heard. Nothing stops ${it} without you: save what you still need, then shut ${it} down there (virsh shutdown). What is left is removed then, and ${host.name} gets VMs again.`
}
