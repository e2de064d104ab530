export * from './context'
export * from './decision'
export { advance } from './task/advance'
export { checkCancel, decideCancel } from './task/cancel'
export { type Started, taskRef } from './task/create'
export { waitsForSlot } from './task/limits'
export { checkChange, decideChange, planChange } from './vm/change'
export { decideCreate, planCreate } from './vm/create'
export { checkDelete, decideDelete, planDelete } from './vm/delete'
export { decideMigrate, type MigrateInput, planMigrate } from './vm/migrate'
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
export { openTasks, tasksOn, vmsOn } from './world/find'
export { freeMemoryBytes, freeSpaceBytes, usableMemoryBytes } from './world/room'
