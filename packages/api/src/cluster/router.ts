import { router } from '../trpc'
import { change } from './change'
import { changeHa } from './changeHa'
import { create } from './create'
import { remove } from './delete'
import { failover } from './failover'
import { planRoll } from './planRoll'
import { readiness } from './readiness'
import { roll } from './roll'
import { rollContinue } from './rollContinue'
import { whatIf } from './whatIf'

export const cluster = router({
  create,
  change,
  changeHa,
  delete: remove,
  failover,
  planRoll,
  readiness,
  roll,
  rollContinue,
  whatIf,
})
