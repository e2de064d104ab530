import { router } from '../trpc'
import { end } from './end'
import { show } from './show'
import { start } from './start'

export const shadow = router({ start, end, show })
