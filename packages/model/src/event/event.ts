import type { PowerState } from '../fence/device'
import type { HostMode, HostState } from '../host/host'
import type { Ref, TaskId } from '../id'
import type { IncidentMark, IncidentVm } from '../incident/incident'
import type { DecisionState, PartState } from '../load/decision'
import type { Initiator, StepName, TaskKind, TaskState } from '../task/task'
import type { Outcome } from '../task/words'
import type { VmPower } from '../vm/vm'
import type { RowChange } from '../world/tables'

/** How far rules go with a VM. */
type AutomationWish = 'manual' | 'partial' | 'full' | 'cluster'

/** What happened, as data with the names of the time; `sayEvent` makes the sentence. */
export type EventBody =
  | { kind: 'datacenter.created'; datacenter: Ref }
  | { kind: 'datacenter.changed'; datacenter: Ref; fields: readonly string[] }
  | { kind: 'datacenter.deleted'; datacenter: Ref }
  | { kind: 'cluster.created'; cluster: Ref; datacenter: Ref }
  | { kind: 'cluster.changed'; cluster: Ref; fields: readonly string[] }
  | { kind: 'cluster.deleted'; cluster: Ref }
  | { kind: 'token.created'; cluster: Ref; expiresAt: number }
  | { kind: 'host.enrolled'; host: Ref; cluster: Ref; address: string }
  | { kind: 'host.removed'; host: Ref }
  | { kind: 'host.state'; host: Ref; from: HostState; to: HostState; why: string }
  | { kind: 'host.mode'; host: Ref; mode: HostMode }
  /** What was approved for it no longer fits the world; `what` changed, and the rest was planned again. */
  | { kind: 'host.replanned'; host: Ref; what: string[] }
  | { kind: 'host.goodbye'; host: Ref; why: string; goesDown: boolean; vms: Ref[] | null }
  | { kind: 'host.facts'; host: Ref; fields: readonly string[] }
  /** `count`: how often, since the last line about this fault of this host or peer. */
  | { kind: 'host.refused'; name: string; fault: AgentFault; why: string; count: number; host?: Ref }
  | { kind: 'datastore.found'; datastore: Ref; host: Ref; shared: boolean }
  | { kind: 'datastore.changed'; datastore: Ref }
  | { kind: 'datastore.lost'; datastore: Ref; host: Ref }
  | { kind: 'network.found'; network: Ref; host: Ref }
  | { kind: 'vm.adopted'; vm: Ref; host: Ref; power: VmPower }
  | { kind: 'vm.power'; vm: Ref; host: Ref; from: VmPower; to: VmPower; outside: boolean; why: string | null }
  | { kind: 'vm.moved'; vm: Ref; source: Ref; target: Ref; outside: boolean }
  | { kind: 'vm.twice'; vm: Ref; hosts: Ref[] }
  | { kind: 'vm.vanished'; vm: Ref; host: Ref }
  | { kind: 'vm.changed'; vm: Ref; fields: readonly string[]; outside: boolean }
  | { kind: 'vm.defined'; vm: Ref; version: number }
  | { kind: 'vm.created'; vm: Ref; host: Ref }
  /** `left`: hosts that may still have a definition of it. */
  | { kind: 'vm.deleted'; vm: Ref; left?: Ref[] }
  /** A host has nothing of a deleted VM any more. */
  | { kind: 'vm.cleared'; vm: Ref; host: Ref }
  | { kind: 'task.created'; task: Ref<TaskId>; what: TaskKind; vm: Ref | null; host?: Ref | null }
  | { kind: 'task.step'; task: Ref<TaskId>; step: StepName; state: 'running' | 'done' | 'failed' | 'skipped' }
  /** `why`: what it waits for, in words. */
  | { kind: 'task.waiting'; task: Ref<TaskId>; why?: string }
  | { kind: 'task.cancel_asked'; task: Ref<TaskId> }
  | { kind: 'task.ended'; task: Ref<TaskId>; state: TaskState; outcome: Outcome }
  | { kind: 'vm.desired'; vm: Ref; desired: 'running' | 'stopped' }
  | { kind: 'vm.ha'; vm: Ref; fields: readonly string[] }
  | { kind: 'vm.lost'; vm: Ref; host: Ref; why: string }
  | { kind: 'vm.recovery'; vm: Ref; state: 'waiting' | 'starting' | 'error' | 'done'; why: string | null }
  | { kind: 'vm.homed'; vm: Ref; host: Ref }
  | { kind: 'cluster.ha'; cluster: Ref; fields: readonly string[] }
  | { kind: 'cluster.balance'; cluster: Ref; fields: readonly string[]; changes?: readonly string[] }
  | { kind: 'cluster.uneven'; cluster: Ref; uneven: boolean; text: string }
  | { kind: 'cluster.power'; cluster: Ref; fields: readonly string[]; changes?: readonly string[] }
  | { kind: 'cluster.idle'; cluster: Ref; idle: boolean; text: string }
  | { kind: 'host.power_model'; host: Ref; changes?: readonly string[] }
  | { kind: 'host.standby'; host: Ref; asleep: boolean; text: string }
  | { kind: 'host.wake_proven'; host: Ref; ms: number }
  | { kind: 'vm.automation'; vm: Ref; automation: AutomationWish; before?: AutomationWish }
  | { kind: 'threshold.created'; threshold: Ref; cluster: Ref; text: string }
  | {
      kind: 'threshold.changed'
      threshold: Ref
      fields: readonly string[]
      /** Each with its value before and after, in words; absent in the history of earlier versions, as in the others here. */
      changes?: readonly string[]
      text: string
    }
  | { kind: 'threshold.deleted'; threshold: Ref; text?: string }
  | { kind: 'threshold.above'; threshold: Ref; hosts: Ref[]; text: string }
  | { kind: 'decision.made'; decision: Ref; cluster: Ref; automatic: boolean; text: string }
  | { kind: 'decision.part'; decision: Ref; about: Ref; state: PartState; text: string }
  | { kind: 'decision.ended'; decision: Ref; state: DecisionState; text: string }
  | { kind: 'shadow.started'; shadow: Ref; cluster: Ref }
  | { kind: 'shadow.report'; shadow: Ref; cluster: Ref; text: string }
  | { kind: 'shadow.ended'; shadow: Ref; cluster: Ref }
  | { kind: 'rule.created'; rule: Ref; cluster: Ref; text: string }
  | { kind: 'rule.changed'; rule: Ref; fields: readonly string[]; text: string }
  | { kind: 'rule.deleted'; rule: Ref }
  | { kind: 'fence.created'; device: Ref; host: Ref }
  | { kind: 'fence.changed'; device: Ref; host: Ref; fields: readonly string[] }
  | { kind: 'fence.deleted'; device: Ref; host: Ref }
  | { kind: 'fence.tested'; device: Ref; host: Ref; ok: boolean; power: PowerState; message: string }
  | { kind: 'fence.answered'; device: Ref; host: Ref; asked: string; power: PowerState; message: string }
  | { kind: 'host.confirmed_off'; host: Ref; person: string }
  | { kind: 'host.quarantined'; host: Ref; until: number | null; times: number }
  | { kind: 'incident.opened'; incident: Ref; host: Ref | null }
  | { kind: 'incident.mark'; incident: Ref; mark: IncidentMark; text: string }
  | { kind: 'incident.vm'; incident: Ref; vm: Ref; state: IncidentVm['state']; why: string | null }
  | { kind: 'alarm.raised'; alarm: Ref; about: Ref; text: string }
  | { kind: 'alarm.cleared'; alarm: Ref; about: Ref; text: string }
  | { kind: 'alarm.acknowledged'; alarm: Ref; about: Ref; person: string }
  | { kind: 'control.leading'; daemon: string; term: number }
  | { kind: 'user.signed_in'; user: string; address: string }
  | { kind: 'user.sign_in_failed'; user: string; address: string }
  | { kind: 'user.created'; user: string; role: string }
  | { kind: 'user.changed'; user: string; fields: readonly string[] }
  | { kind: 'user.removed'; user: string }
  | { kind: 'key.created'; user: string; key: string }
  | { kind: 'key.revoked'; user: string; key: string }

/** Why an agent is not listened to. */
export type AgentFault =
  | 'malformed'
  | 'oversized'
  | 'wrong_key'
  | 'claimed_twice'
  | 'other_protocol'
  | 'unknown_host'
  | 'not_enrolled'

export type EventKind = EventBody['kind']

export type Severity = 'info' | 'warning' | 'error'

/**
 * One line of history. Numbered by the single writer without gaps. `rows` is what it changed, so replaying the
 * events gives the rows; `hash` chains it to the one before, so that a changed or missing line shows.
 */
export interface Event {
  seq: number
  at: number
  initiator: Initiator
  body: EventBody
  /** Why, in the words of whoever asked. */
  reason: string | null
  severity: Severity
  /** Every object it is about, for looking up "everything about web-17". */
  subjects: string[]
  taskId: TaskId | null
  rows: RowChange[]
  hash: string
}
