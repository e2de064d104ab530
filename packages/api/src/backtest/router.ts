import { router } from '../trpc'
import { cancel, list, show } from './show'

export const backtest = router({ list, show, cancel })
