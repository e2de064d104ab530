import { router } from '../trpc'
import { acknowledge } from './acknowledge'
import { list } from './list'

export const alarm = router({ list, acknowledge })
