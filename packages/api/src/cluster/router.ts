import { router } from '../trpc'
import { backtest } from './backtest'
import { change } from './change'
import { changeBalance } from './changeBalance'
import { changeHa } from './changeHa'
import { changePower } from './changePower'
import { create } from './create'
import { remove } from './delete'
import { draftRules } from './draftRules'
import { exportState } from './export'
import { failover } from './failover'
import { planRoll } from './planRoll'
import { power } from './power'
import { readiness } from './readiness'
import { recommendations } from './recommendations'
import { roll } from './roll'
import { rollContinue } from './rollContinue'
import { rules } from './rules'
import { whatIf } from './whatIf'

export const cluster = router({
  backtest,
  create,
  change,
  changeBalance,
  changeHa,
  changePower,
  delete: remove,
  draftRules,
  export: exportState,
  failover,
  planRoll,
  power,
  readiness,
  recommendations,
  roll,
  rollContinue,
  rules,
  whatIf,
})
