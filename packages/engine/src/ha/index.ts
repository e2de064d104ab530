export { decideAcknowledge, decideAlarms } from '../alarm/decide'
export { type Present, presentAlarms } from '../alarm/present'
export {
  decideChangeFence,
  decideCreateFence,
  decideDeleteFence,
  decideTested,
  type FenceInput,
} from '../fence/device'
export { devicesOf, isSoft, levelsOf } from '../fence/devices'
export {
  checkConfirmOff,
  checkFence,
  decideConfirmOff,
  decideEndQuarantine,
  decideFence,
  type FencePlan,
  planFence,
} from '../host/fenceByHand'
export { decidePowerOn, planPowerOn } from '../host/powerOn'
export { classification, classify } from './classify'
export { decideHa, haIsDue } from './decide'
export { dutiesOf, sharedDatastores } from './duties'
export { evidenceOf, lookAt, selfFenceAt } from './evidence'
export { isHeard } from './life'
export { becomeFenced } from './lost'
export { readiness } from './readiness'
export { isUnproven, stormAround, stormOf } from './storm'
