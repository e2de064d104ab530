import { router } from '../trpc'
import { change } from './change'
import { changeHa } from './changeHa'
import { create } from './create'
import { remove } from './delete'
import { planRoll } from './planRoll'
import { roll } from './roll'
import { rollContinue } from './rollContinue'

export const cluster = router({ create, change, changeHa, delete: remove, planRoll, roll, rollContinue })
