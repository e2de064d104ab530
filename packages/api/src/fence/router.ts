import { router } from '../trpc'
import { agents } from './agents'
import { change } from './change'
import { create } from './create'
import { remove } from './delete'
import { describe } from './describe'
import { list } from './list'
import { test } from './test'

export const fence = router({ agents, describe, list, create, change, delete: remove, test })
