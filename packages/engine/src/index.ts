export * from './balance'
export { exportCluster } from './cluster/export'
export {
  decideRoll,
  decideRollContinue,
  planRoll,
  type RollInput,
  type RollStarted,
  rehearseRoll,
} from './cluster/roll'
export * from './context'
export * from './decision'
export * from './ha'
export { decideEnrol, decideTurnedAway, type EnrolInput } from './host/enrol'
export { decideEvacuate, type EvacuateInput, type EvacuationStarted, rehearseEvacuate } from './host/evacuate'
export { type EvacuateOptions, planEvacuation } from './host/evacuate/plan'
export { situationOf } from './host/evacuate/situation'
export { decideExitMaintenance, type ExitInput, planHome, rehearseExit } from './host/exitMaintenance'
export { decideGoodbye } from './host/goodbye'
export type { HostAsk } from './host/judge'
export { decideHeard, decideHello, fenceTaskOf, isNewHello } from './host/liveness'
export { decideEnterMaintenance } from './host/maintenance'
export { checkRemove, decideRemove } from './host/remove'
export { decideReport } from './host/report'
export { decideShutdownHost, rehearseShutdown, type ShutdownHostInput } from './host/shutdown'
export { decideDefinition, decideSightings, type Sightings } from './host/sightings'
export { decideSleep, planSleep, rehearseSleep, type SleepInput } from './host/sleep'
export { decideWake, planWake, type WakeInput } from './host/wake'
export {
  closeIncident,
  incidentRef,
  markIncident,
  noteVm,
  openIncident,
} from './incident/rows'
export {
  type ClusterChanges,
  decideChangeCluster,
  decideCreateCluster,
  decideDeleteCluster,
} from './inventory/cluster'
export {
  decideCreateDatacenter,
  decideDeleteDatacenter,
  decideRenameDatacenter,
} from './inventory/datacenter'
export { decideChangeHa, type HaChanges } from './inventory/ha'
export { decideCreateToken } from './inventory/token'
export * from './load'
export { checkAdmission, failoverCapacity } from './plan/admission'
export { choosePlaces, type Place, type PlaceOptions } from './plan/choosePlaces'
export type { Purpose } from './plan/eligible'
export { type Loss, whatIf } from './plan/whatIf'
export { decideChangePower, decideChangePowerModel, type PowerChanges, powerOf } from './power/change'
export { energyLedger } from './power/ledger'
export { askPower } from './power/page'
export { isAsleep, powerModelOf, type Watts, wattsOf } from './power/watts'
export { decideClean } from './recover/clean'
export { decideRecover, recoveriesOf } from './recover/recover'
export { uncleanOn } from './recover/unclean'
export { decideUnplugged } from './recover/unplugged'
export { checkRules, type RuleOptions, ruleNotes } from './rule/check'
export { ruleConflicts } from './rule/conflicts'
export { decideChangeRule, decideCreateRule, decideDeleteRule } from './rule/decide'
export { rulesOf } from './rule/find'
export { decideMendRules } from './rule/mend'
export { sayRule } from './rule/say'
export { violations } from './rule/violations'
export { placesOf } from './rule/where'
export * from './shadow'
export { advance } from './task/advance'
export { checkCancel, decideCancel } from './task/cancel'
export { type Started, taskRef } from './task/create'
export { checkGiveUp, decideGiveUp } from './task/giveUp'
export { waitsForSlot } from './task/limits'
export { decideAdvance, decideResult, taskIdOf } from './task/result'
export { checkChange, decideChange, planChange } from './vm/change'
export { decideCreate, planCreate } from './vm/create'
export { checkDelete, decideDelete, planDelete } from './vm/delete'
export { decideChangeVmHa, decideSetDesired } from './vm/desired'
export { decideMigrate, type MigrateInput, planMigrate } from './vm/migrate'
export { companionsOf, decideMigrateGroup, planMigrateGroup } from './vm/migrateGroup'
export { placements, type Wanted } from './vm/place'
export {
  checkPowerVerb,
  decidePower,
  defaultGuestDeadlineMs,
  type PowerInput,
  type PowerKind,
  planPower,
  powerVerbs,
} from './vm/power'
export { migrationMethods, migrationTargets } from './vm/targets'
export { Changes } from './world/changes'
export { openTasks, tasksOn, vmsOn } from './world/find'
export { freeMemoryBytes, freeSpaceBytes, usableMemoryBytes } from './world/room'
