import { router } from '../trpc'
import { change } from './change'
import { conflicts } from './conflicts'
import { create } from './create'
import { remove } from './delete'
import { list } from './list'

export const threshold = router({ list, create, change, delete: remove, conflicts })
