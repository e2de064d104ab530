import { router } from '../trpc'
import { list } from './list'
import { verify } from './verify'

export const event = router({ list, verify })
