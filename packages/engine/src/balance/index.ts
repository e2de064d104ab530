export { unrest } from './calm'
export { type BalanceChanges, decideChangeBalance } from './change'
export { balanceOf } from './settings'
