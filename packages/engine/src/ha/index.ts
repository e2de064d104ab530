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
export { becomeFenced } from './lost'
export { isUnproven, stormAround, stormOf } from './storm'
