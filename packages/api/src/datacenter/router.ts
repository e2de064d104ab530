import { router } from '../trpc'
import { create } from './create'
import { remove } from './delete'
import { rename } from './rename'

export const datacenter = router({ create, rename, delete: remove })
