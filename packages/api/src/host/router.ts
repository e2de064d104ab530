import { router } from '../trpc'
import { createJoinToken } from './createJoinToken'
import { enterMaintenance } from './enterMaintenance'
import { evacuate } from './evacuate'
import { exitMaintenance } from './exitMaintenance'
import { list } from './list'
import { planEvacuation } from './planEvacuation'
import { remove } from './remove'
import { show } from './show'
import { shutdown } from './shutdown'

export const host = router({
  createJoinToken,
  list,
  show,
  planEvacuation,
  evacuate,
  shutdown,
  enterMaintenance,
  exitMaintenance,
  remove,
})
