import { router } from '../trpc'
import { series } from './series'

export const usage = router({ series })
