import { router } from '../trpc'
import { apply } from './apply'
import { dismiss } from './dismiss'
import { list } from './list'
import { madeFrom } from './madeFrom'
import { replay } from './replay'
import { show } from './show'

// `apply` is a word that the router keeps for itself.
export const decision = router({ list, show, carryOut: apply, dismiss, replay, madeFrom })
