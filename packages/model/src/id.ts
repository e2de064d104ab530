/**
 * Ids are short, readable and numbered by the single writer (`vm-17`), so that two runs of one seed name things
 * alike and a person can read one out over the telephone. They are never shown where a name will do, and never reused.
 */
export type DatacenterId = `datacenter-${number}`
export type ClusterId = `cluster-${number}`
export type HostId = `host-${number}`
export type VmId = `vm-${number}`
export type DatastoreId = `datastore-${number}`
export type NetworkId = `network-${number}`
export type TaskId = `task-${number}`
export type TokenId = `token-${number}`
export type RuleId = `rule-${number}`
export type FenceId = `fence-${number}`
export type IncidentId = `incident-${number}`
export type AlarmId = `alarm-${number}`
export type ThresholdId = `threshold-${number}`
export type DecisionId = `decision-${number}`
export type ShadowId = `shadow-${number}`
export type ObjectId =
  | DatacenterId
  | ClusterId
  | HostId
  | VmId
  | DatastoreId
  | NetworkId
  | TaskId
  | TokenId
  | RuleId
  | FenceId
  | IncidentId
  | AlarmId
  | ThresholdId
  | DecisionId
  | ShadowId

/** An object with the name it had at the time, so that a sentence stays readable after a rename or a deletion. */
export interface Ref<I extends ObjectId = ObjectId> {
  id: I
  name: string
}

/** The reference to an object that has an id and a name. */
export function refOf<I extends ObjectId>(object: { id: I; name: string }): Ref<I> {
  return { id: object.id, name: object.name }
}
