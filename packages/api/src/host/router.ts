import { router } from '../trpc'
import { createJoinToken } from './createJoinToken'
import { enterMaintenance } from './enterMaintenance'
import { exitMaintenance } from './exitMaintenance'
import { list } from './list'
import { remove } from './remove'
import { show } from './show'

export const host = router({ createJoinToken, list, show, enterMaintenance, exitMaintenance, remove })
