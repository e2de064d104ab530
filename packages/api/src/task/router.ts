import { router } from '../trpc'
import { cancel } from './cancel'
import { giveUp } from './giveUp'
import { list } from './list'
import { show } from './show'

export const task = router({ list, show, cancel, giveUp })
