import { router } from '../trpc'
import { change } from './change'
import { changeBalance } from './changeBalance'
import { changeHa } from './changeHa'
import { changePower } from './changePower'
import { create } from './create'
import { remove } from './delete'
import { draftRules } from './draftRules'
import { failover } from './failover'
import { planRoll } from './planRoll'
import { power } from './power'
import { readiness } from './readiness'
import { recommendations } from './recommendations'
import { roll } from './roll'
import { rollContinue } from './rollContinue'
import { whatIf } from './whatIf'

export const cluster = router({
  create,
  change,
  changeBalance,
  changeHa,
  changePower,
  delete: remove,
  draftRules,
  failover,
  planRoll,
  power,
  readiness,
  recommendations,
  roll,
  rollContinue,
  whatIf,
})
