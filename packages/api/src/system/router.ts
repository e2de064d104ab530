import { router } from '../trpc'
import { about } from './about'

export const system = router({ about })
