export { type ControlDaemon, controlDaemon } from './control'
export { addBmc, fenceDeviceOf } from './fence'
export {
  allRunOnce,
  bringBack,
  createHaSite,
  disksAtRest,
  faults,
  type HaOptions,
  type HaSite,
  hostIs,
  statuses,
} from './ha/site'
export { marksOf, storyTold } from './ha/story'
export { createInstallation, type Installation } from './installation'
export { joinHosts } from './join'
export { Operator, said } from './operator'
export { type Service, service } from './process'
export { buildAgent, buildControl, controlProgram, type Program } from './programs'
export { joinLab } from './stack'
export { createVm, diskOf, type LabVm, labVmOf } from './vm'
