import { router } from '../trpc'
import { changePowerModel } from './changePowerModel'
import { confirmOff } from './confirmOff'
import { createJoinToken } from './createJoinToken'
import { endQuarantine } from './endQuarantine'
import { enterMaintenance } from './enterMaintenance'
import { evacuate } from './evacuate'
import { evidence } from './evidence'
import { exitMaintenance } from './exitMaintenance'
import { fence } from './fence'
import { list } from './list'
import { planEvacuation } from './planEvacuation'
import { planFence } from './planFence'
import { powerOn } from './powerOn'
import { remove } from './remove'
import { show } from './show'
import { shutdown } from './shutdown'
import { sleep } from './sleep'
import { wake } from './wake'

export const host = router({
  createJoinToken,
  list,
  show,
  planEvacuation,
  evacuate,
  shutdown,
  enterMaintenance,
  exitMaintenance,
  evidence,
  planFence,
  fence,
  confirmOff,
  powerOn,
  sleep,
  wake,
  changePowerModel,
  endQuarantine,
  remove,
})
