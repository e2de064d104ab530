import { router } from '../trpc'
import { change } from './change'
import { create } from './create'
import { remove } from './delete'

export const cluster = router({ create, change, delete: remove })
