import { router } from '../trpc'
import { list } from './list'
import { show } from './show'

export const incident = router({ list, show })
