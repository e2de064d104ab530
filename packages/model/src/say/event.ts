import type { Event, EventBody, EventKind, Severity } from '../event/event'
import { hostStates } from '../host/host'
import type { Ref } from '../id'
import type { IncidentVm } from '../incident/incident'
import { assertNever } from '../state'
import type { VmPower } from '../vm/vm'
import { sayDuration, sayList } from './quantity'
import { sayOutcome } from './task'

/** What a VM's power is called on screen. */
export const powerWords: Record<VmPower, string> = {
  off: 'off',
  running: 'running',
  paused: 'suspended',
  crashed: 'crashed',
  missing: 'missing',
}

const incidentVmWords: Record<IncidentVm['state'], string> = {
  waiting: 'waits',
  starting: 'is being started',
  running: 'runs again',
  error: 'could not be started',
  left: 'was left as it is',
  stopped: 'stays off',
}

const because = (why: string | null): string => (why ? `: ${why}` : '')
const past = (outside: boolean): string => (outside ? ', not by Drover' : '')

/** An event as a sentence, readable years later. */
export function sayEvent(body: EventBody): string {
  switch (body.kind) {
    case 'datacenter.created':
      return `Datacenter ${body.datacenter.name} was added.`
    case 'datacenter.changed':
      return `Datacenter ${body.datacenter.name} was changed: ${sayList(body.fields)}.`
    case 'datacenter.deleted':
      return `Datacenter ${body.datacenter.name} was removed.`
    case 'cluster.created':
      return `Cluster ${body.cluster.name} was added to ${body.datacenter.name}.`
    case 'cluster.changed':
      return `Cluster ${body.cluster.name} was changed: ${sayList(body.fields)}.`
    case 'cluster.deleted':
      return `Cluster ${body.cluster.name} was removed.`
    case 'token.created':
      return `A join token for ${body.cluster.name} was made.`
    case 'host.enrolled':
      return `${body.host.name} (${body.address}) joined ${body.cluster.name}.`
    case 'host.removed':
      return `${body.host.name} was removed; its VMs run on, unmanaged.`
    case 'host.state':
      return `${body.host.name} is ${body.to}${because(body.why)} (${hostStates[body.to].meaning}).`
    case 'host.mode':
      return {
        normal: `${body.host.name} is in service.`,
        entering: `${body.host.name} is entering maintenance: it gets no new VMs and is being emptied.`,
        maintenance: `${body.host.name} is in maintenance.`,
        standby: `${body.host.name} is on standby: it sleeps to save power.`,
      }[body.mode]
    case 'host.replanned':
      return `The evacuation of ${body.host.name} was planned again: ${body.what.join('; ')}.`
    case 'host.goodbye':
      return sayGoodbye(body)
    case 'host.facts':
      return `${body.host.name} reports a change of ${sayList(body.fields)}.`
    case 'host.refused': {
      const times = body.count > 1 ? ` (${body.count} times)` : ''
      if (body.fault !== 'malformed' && body.fault !== 'oversized')
        return `An agent that calls itself ${body.name} was turned away${times}: ${body.why}`
      const who = body.host ? `The agent of ${body.name}` : `Somebody at ${body.name}`
      return `${who} sent what is not accepted${times}: ${body.why}.`
    }
    case 'datastore.found':
      return `${body.host.name} has the datastore ${body.datastore.name}${body.shared ? ', shared with others' : ''}.`
    case 'datastore.changed':
      return `Datastore ${body.datastore.name} reports new figures.`
    case 'datastore.lost':
      return `${body.host.name} no longer has the datastore ${body.datastore.name}.`
    case 'network.found':
      return `${body.host.name} is on the network ${body.network.name}.`
    case 'vm.adopted':
      return `${body.vm.name} was found on ${body.host.name} (${powerWords[body.power]}) and taken into the inventory.`
    case 'vm.power':
      return `${body.vm.name} on ${body.host.name} went from ${powerWords[body.from]} to ${powerWords[body.to]}${past(body.outside)}${because(body.why)}.`
    case 'vm.moved':
      return `${body.vm.name} moved from ${body.source.name} to ${body.target.name}${past(body.outside)}.`
    case 'vm.twice':
      return `${body.vm.name} runs on ${sayList(body.hosts.map((host) => host.name))} at once. Its disk is in danger: stop all but one.`
    case 'vm.vanished':
      return `${body.vm.name} is no longer defined on ${body.host.name}, not by Drover.`
    case 'vm.changed':
      return `${body.vm.name} was changed${past(body.outside)}: ${sayList(body.fields)}.`
    case 'vm.defined':
      return `The definition of ${body.vm.name} is now version ${body.version}.`
    case 'vm.created':
      return `${body.vm.name} was created on ${body.host.name}.`
    case 'vm.deleted':
      return `${body.vm.name} was deleted.${sayLeft(body.left)}`
    case 'vm.cleared':
      return `${body.host.name} has nothing left of ${body.vm.name}, which was deleted.`
    case 'task.created':
      return `Asked to ${body.task.name}.`
    case 'task.step':
      return `${body.task.name}: ${body.step} — ${body.state}.`
    case 'task.waiting':
      return `${body.task.name}: ${body.why || 'It waits.'}`
    case 'task.cancel_asked':
      return `Asked to cancel ${body.task.name}.`
    case 'task.ended':
      return sayOutcome(body.outcome)
    case 'vm.desired':
      return `${body.vm.name} should be ${body.desired} from now on.`
    case 'vm.ha':
      return `How ${body.vm.name} is looked after was changed: ${sayList(body.fields)}.`
    case 'vm.lost':
      return `${body.vm.name} was lost on ${body.host.name}${because(body.why)}.`
    case 'vm.recovery':
      return body.state === 'done'
        ? `${body.vm.name} runs again.`
        : body.state === 'starting'
          ? `${body.vm.name} is being started again${because(body.why)}.`
          : body.state === 'waiting'
            ? `${body.vm.name} should run and waits${because(body.why)}.`
            : `${body.vm.name} could not be started again${because(body.why)}.`
    case 'vm.homed':
      return `The home of ${body.vm.name} is ${body.host.name} now.`
    case 'cluster.ha':
      return `High availability of ${body.cluster.name} was changed: ${sayList(body.fields)}.`
    case 'cluster.balance':
      return `Balancing of ${body.cluster.name} was changed: ${sayList(body.changes ?? body.fields)}.`
    case 'cluster.uneven':
      return body.text
    case 'cluster.power':
      return `Power saving of ${body.cluster.name} was changed: ${sayList(body.changes ?? body.fields)}.`
    case 'cluster.idle':
    case 'host.standby':
    case 'decision.made':
    case 'decision.part':
    case 'decision.ended':
    case 'shadow.report':
    case 'threshold.above':
      return body.text
    case 'host.power_model':
      return `What ${body.host.name} draws was set anew${because(body.changes ? sayList(body.changes) : null)}.`
    case 'host.wake_proven':
      return `${body.host.name} came up ${sayDuration(body.ms)} after it was switched on: it can be woken.`
    case 'vm.automation':
      return (
        (body.automation === 'cluster'
          ? `How far rules go with ${body.vm.name} is as its cluster says`
          : `How far rules go with ${body.vm.name} by themselves: ${body.automation}`) +
        (body.before ? ` (before: ${body.before === 'cluster' ? 'as its cluster says' : body.before}).` : '.')
      )
    case 'threshold.created':
      return `Rule "${body.threshold.name}" was added to ${body.cluster.name}: ${body.text}`
    case 'threshold.changed':
      return `Rule "${body.threshold.name}" was changed (${sayList(body.changes ?? body.fields)}): ${body.text}`
    case 'threshold.deleted':
      return `Rule "${body.threshold.name}" was removed.${body.text ? ` It said: ${body.text}` : ''}`
    case 'shadow.started':
      return `The rules "${body.shadow.name}" decide beside those of ${body.cluster.name}, and move nothing.`
    case 'shadow.ended':
      return `The rules "${body.shadow.name}" no longer decide beside those of ${body.cluster.name}.`
    case 'rule.created':
      return `Rule "${body.rule.name}" was added to ${body.cluster.name}: ${body.text}`
    case 'rule.changed':
      return `Rule "${body.rule.name}" was changed (${sayList(body.fields)}): ${body.text}`
    case 'rule.deleted':
      return `Rule "${body.rule.name}" was removed.`
    case 'fence.created':
      return `Fence device ${body.device.name} was added for ${body.host.name}.`
    case 'fence.changed':
      return `Fence device ${body.device.name} of ${body.host.name} was changed: ${sayList(body.fields)}.`
    case 'fence.deleted':
      return `Fence device ${body.device.name} of ${body.host.name} was removed.`
    case 'fence.tested':
      return body.ok
        ? `Fence device ${body.device.name} answers: the power of ${body.host.name} is ${body.power}.`
        : `Fence device ${body.device.name} of ${body.host.name} failed its test: ${body.message}`
    case 'fence.answered':
      return `${body.device.name} was asked to ${body.asked} ${body.host.name}: its power is ${body.power === 'unknown' ? 'not known' : body.power}${because(body.message || null)}`
    case 'host.confirmed_off':
      return `${body.person} confirmed that ${body.host.name} is off.`
    case 'host.quarantined':
      return body.until === null
        ? `${body.host.name} is out of quarantine.`
        : `${body.host.name} was lost ${body.times} times and gets no VMs for now.`
    case 'incident.opened':
      return `${body.incident.name}.`
    case 'incident.mark':
      return `${body.incident.name}: ${body.text}`
    case 'incident.vm':
      return `${body.incident.name}: ${body.vm.name} ${incidentVmWords[body.state]}${because(body.why)}.`
    case 'alarm.raised':
      return body.text
    case 'alarm.cleared':
      return `No longer: ${body.text}`
    case 'alarm.acknowledged':
      return `${body.person} has seen the alarm about ${body.about.name}.`
    case 'control.leading':
      return `Control daemon ${body.daemon} leads, term ${body.term}.`
    case 'user.signed_in':
      return `${body.user} signed in from ${body.address}.`
    case 'user.sign_in_failed':
      return `A sign-in as ${body.user} from ${body.address} failed.`
    case 'user.created':
      return `User ${body.user} was added as ${body.role}.`
    case 'user.changed':
      return `User ${body.user} was changed: ${sayList(body.fields)}.`
    case 'user.removed':
      return `User ${body.user} was removed.`
    case 'key.created':
      return `${body.user} made the API key ${body.key}.`
    case 'key.revoked':
      return `${body.user} revoked the API key ${body.key}.`
    default:
      return assertNever(body)
  }
}

/** What follows an event's sentence: why it was asked for, if anybody said. */
export function sayReason({ reason }: Pick<Event, 'reason'>): string {
  return reason ? ` — reason: ${reason}` : ''
}

/** A line of history in full, as it is listed and searched. */
export function sayHistory(event: Pick<Event, 'body' | 'reason'>): string {
  return sayEvent(event.body) + sayReason(event)
}

/** Events that are stages of a task; lists leave them out unless asked, the task's page shows them. */
export const detailKinds: readonly EventKind[] = [
  'task.step',
  'task.waiting',
  'vm.defined',
  'datastore.changed',
  'host.facts',
  'incident.mark',
  'incident.vm',
]

/** How loud an event is, unless whoever made it said otherwise. */
export function severityOf(body: EventBody): Severity {
  switch (body.kind) {
    case 'vm.twice':
      return 'error'
    case 'task.ended':
      return body.state === 'failed' ? 'error' : 'info'
    case 'vm.power':
      return body.to === 'crashed' ? 'error' : body.outside ? 'warning' : 'info'
    case 'host.state':
      return body.to === 'connected' || body.to === 'connecting' ? 'info' : 'warning'
    case 'vm.lost':
    case 'incident.opened':
    case 'host.confirmed_off':
      return 'error'
    case 'vm.recovery':
      return body.state === 'error' ? 'error' : body.state === 'waiting' ? 'warning' : 'info'
    case 'fence.tested':
      return body.ok ? 'info' : 'error'
    case 'alarm.raised':
    case 'host.quarantined':
    case 'host.replanned':
      return 'warning'
    case 'vm.vanished':
    case 'datastore.lost':
    case 'host.refused':
    case 'user.sign_in_failed':
      return 'warning'
    case 'vm.moved':
    case 'vm.changed':
      return body.outside ? 'warning' : 'info'
    default:
      return 'info'
  }
}

/** The ids of all objects that an event is about. */
export function subjectsOf(body: EventBody): string[] {
  const ids = new Set<string>()
  const look = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) look(item)
    else if (isRef(value)) ids.add(value.id)
  }
  for (const value of Object.values(body)) look(value)
  if (body.kind === 'task.ended') for (const value of Object.values(body.outcome)) look(value)
  return [...ids]
}

function isRef(value: unknown): value is Ref {
  return typeof value === 'object' && value !== null && 'id' in value && 'name' in value
}

/** "The agent of esx-03 was stopped in an orderly way by SIGTERM; web-1 and web-2 run on there." */
function sayGoodbye({ host, why, goesDown, vms }: EventBody & { kind: 'host.goodbye' }): string {
  const stopped = `The agent of ${host.name} was stopped in an orderly way by ${why}`
  if (goesDown) return `${stopped}, for its machine is shutting down.`
  if (vms === null) return `${stopped}.`
  return vms.length === 0
    ? `${stopped}; no VM runs there.`
    : `${stopped}; ${sayList(vms.map(({ name }) => name))} ${vms.length === 1 ? 'runs' : 'run'} on there.`
}

function sayLeft(left: readonly Ref[] = []): string {
  if (left.length === 0) return ''
  const hosts = sayList(left.map(({ name }) => name))
  return ` ${hosts} may still have a definition of it, which is removed as soon as ${left.length === 1 ? 'that host' : 'they'} can be heard.`
}
