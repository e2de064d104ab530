import { router } from '../trpc'
import { apply } from './apply'
import { dismiss } from './dismiss'
import { list } from './list'
import { madeFrom } from './madeFrom'
import { replay } from './replay'
import { show } from './show'

export const decision = router({ list, show, apply, dismiss, replay, madeFrom })
