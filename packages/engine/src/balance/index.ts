export { Averages, samples as balanceSamples } from './averages'
export { type BalanceChanges, decideChangeBalance } from './change'
export { balances, decideBalance } from './decide'
export { balanceOf, recommendations } from './recommend'
