import { router } from '../trpc'
import { me } from './me'

export const session = router({ me })
